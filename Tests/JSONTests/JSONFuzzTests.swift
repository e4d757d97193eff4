import FoundationEssentials
import Testing

@testable import JSON

/// Numbers that look random and are the same in every run (Knuth's linear congruential generator).
struct MutationSource: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 33)
    }
}

@Suite("JSON text, mutated") struct JSONFuzzTests {
    private static let samples = [
        #"{"name":"Pâine \u00e9\uD83D\uDE00","quantity":0.250,"list":[1,-2.5e3,true,null,{}],"text":"\"\\\n"}"#,
        #"[[[["deep"]]],{"a":{"b":{"c":"d"}}},1e400,123456789012345678901234567890]"#,
    ].map { Array($0.utf8) }

    private static let schema = Schema.object(
        [
            .required("name", .string(1...20, format: .email)), .required("quantity", .decimal(above: 0, places: 3)),
            .optional("list", .array(of: .alternatives([.integer(min: 0), .boolean, .dateTime]), max: 3)),
            .optional("text", .string(.base64)), .optional("a", .map(of: .object([.required("b", .integer())]))),
        ], rules: [.atLeastOne(of: ["name"])])

    private static var seconds: Double {
        ProcessInfo.processInfo.environment["EBON_FUZZ_SECONDS"].flatMap(Double.init) ?? 1
    }

    @Test("is either refused or reads, validates and writes back as itself, and never traps")
    func mutations() throws {
        var source = MutationSource(state: 8259)
        let end = ContinuousClock.now + .seconds(Self.seconds)
        repeat {
            for _ in 0..<200 { try check(mutant(&source)) }
        } while ContinuousClock.now < end
    }

    private func check(_ bytes: [UInt8]) throws {
        guard let value = try? JSON(parsing: bytes) else { return }
        let written = value.serialized()
        #expect(try JSON(parsing: written) == value, "\(bytes)")
        #expect(try JSON(encoding: value.decode(JSON.self)).serialized() == written, "\(bytes)")
        for violation in Self.schema.violations(of: value, at: "body") {
            #expect(violation.path.hasPrefix("body"), "\(bytes)")
        }
        _ = value.number?.decimal
        _ = value.integer
    }

    private func mutant(_ source: inout MutationSource) -> [UInt8] {
        var bytes = Self.samples[Int(source.next() % UInt64(Self.samples.count))]
        for _ in 0..<(1 + source.next() % 4) where !bytes.isEmpty {
            let place = Int(source.next() % UInt64(bytes.count))
            switch source.next() % 5 {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: source.next())
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(Array(#"{}[]",:\0eE+-.u"#.utf8)[Int(source.next() % 15)], at: place)
            case 3: bytes += bytes[place...]
            default: bytes.removeSubrange(place..<min(bytes.count, place + Int(source.next() % 16)))
            }
        }
        return bytes
    }
}

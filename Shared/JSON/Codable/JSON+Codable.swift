import FoundationEssentials

extension JSON {
    /// The value as its `Encodable` conformance describes it: members in the order of encoding, decimals exact.
    /// - Throws: `EncodingError` for what JSON cannot say (a number that is none), and whatever the value throws.
    package init<Value: Encodable>(encoding value: Value) throws {
        self = try TreeEncoder.encode(value, at: nil)
    }

    /// The compact JSON text of a value, as ``init(encoding:)`` followed by ``serialized()`` would have it, in a fraction
    /// of their time; a type that writes one key twice gets both.
    /// - Throws: as ``init(encoding:)``, without the way to the value.
    package static func text<Value: Encodable>(encoding value: Value) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        let encoder = TextEncoder(bytes)
        try encoder.write(value)
        return encoder.bytes
    }

    /// The value of a type as its `Decodable` conformance describes it; unknown members are ignored.
    /// - Throws: `DecodingError` whose path leads to what is missing or of the wrong kind.
    package func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try TreeDecoder.decode(type, from: self, at: nil)
    }
}

extension JSON: Codable {
    /// Takes over the tree when decoding from JSON text or from a tree.
    /// - Throws: `DecodingError` from any other decoder.
    package init(from decoder: any Decoder) throws {
        guard let tree = decoder as? TreeDecoder else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "only decodable from a JSON tree"))
        }
        self = tree.value
    }

    /// Hands the tree over when encoding to JSON text or to a tree.
    /// - Throws: `EncodingError` for any other encoder.
    package func encode(to encoder: any Encoder) throws {
        if let text = encoder as? TextEncoder { return text.write(whole: self) }
        guard let tree = encoder as? TreeEncoder else {
            throw EncodingError.invalidValue(
                self, .init(codingPath: encoder.codingPath, debugDescription: "only encodable to a JSON tree"))
        }
        tree.single = self
    }
}

/// The way from the root to a value; built while walking, turned into coding keys only for an error.
final class TreePath: Sendable {
    let parent: TreePath?
    let key: any CodingKey

    init(_ parent: TreePath?, _ key: any CodingKey) {
        self.parent = parent
        self.key = key
    }

    static func keys(_ path: TreePath?) -> [any CodingKey] {
        var keys: [any CodingKey] = []
        var current = path
        while let step = current {
            keys.append(step.key)
            current = step.parent
        }
        return keys.reversed()
    }
}

/// A key that exists only as text or as a position.
struct TreeKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }

    static let superclass = TreeKey(stringValue: "super")
}

import Glibc

/// Pseudo-random numbers with a fixed start (SplitMix64): the same sequence in every run.
struct ByteGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// A few edits of `bytes`: flipped, dropped, repeated, inserted, swapped for another sample's tail.
    mutating func mutated(of samples: [[UInt8]]) -> [UInt8] {
        mutate(samples.randomElement(using: &self)!, with: samples.randomElement(using: &self)!)
    }

    private mutating func mutate(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            switch next() % 7 {
            case 0: bytes[place] = UInt8.random(in: 0 ... .max, using: &self)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &self)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(Array("\r\n\0 :;,\t0".utf8).randomElement(using: &self)!, at: place)
            case 4: bytes = Array(bytes[..<place]) + other[min(place, other.count)...]
            case 5: bytes += bytes[place...]
            default: bytes.removeSubrange(place..<min(bytes.count, place + Int(next() % 16)))
            }
        }
        return Array(bytes.prefix(100_000))
    }
}

/// How long the mutation tests run: `EBON_FUZZ_SECONDS`, shared by them.
enum FuzzBudget {
    static var seconds: Double { getenv("EBON_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 2 }
}

/// Base64 with padding (RFC 4648, section 4).
package enum Base64 {
    private static let alphabet = Base64Alphabet(symbols: "+/", padded: true)

    /// The padded text of `bytes`.
    package static func encode(_ bytes: [UInt8]) -> String { alphabet.encode(bytes) }

    /// The bytes of `text`; nil unless it is exactly what ``encode(_:)`` writes (no line breaks, no spare bits).
    package static func decode(_ text: some StringProtocol) -> [UInt8]? { alphabet.decode(text) }
}

/// Base64 for URLs and tokens, without padding (RFC 4648, section 5; RFC 7515).
package enum Base64URL {
    private static let alphabet = Base64Alphabet(symbols: "-_", padded: false)

    /// The unpadded text of `bytes`.
    package static func encode(_ bytes: [UInt8]) -> String { alphabet.encode(bytes) }

    /// The bytes of `text`; nil unless it is exactly what ``encode(_:)`` writes (no padding, no spare bits).
    package static func decode(_ text: some StringProtocol) -> [UInt8]? { alphabet.decode(text) }
}

private struct Base64Alphabet {
    private let characters: [UInt8]
    private let values: [UInt8]
    private let padded: Bool
    private static let invalid: UInt8 = 255
    private static let padding = UInt8(ascii: "=")

    init(symbols: String, padded: Bool) {
        characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(symbols)".utf8)
        var values = [UInt8](repeating: Self.invalid, count: 256)
        for (value, character) in characters.enumerated() { values[Int(character)] = UInt8(value) }
        self.values = values
        self.padded = padded
    }

    func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(0 as UInt32) { $0 << 8 | UInt32($1) } << UInt32((3 - group.count) * 8)
            bits <<= 8
            for _ in 0...group.count {
                text.append(characters[Int(bits >> 26)])
                bits <<= 6
            }
            if padded { text += repeatElement(Self.padding, count: 3 - group.count) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    func decode(_ text: some StringProtocol) -> [UInt8]? {
        var digits = Array(text.utf8)
        if padded {
            guard digits.count.isMultiple(of: 4) else { return nil }
            let end = digits.suffix(2).count(where: { $0 == Self.padding })
            digits.removeLast(end)
        }
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount = 0
        for digit in digits {
            let value = values[Int(digit)]
            guard value != Self.invalid else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
                bits &= 1 << UInt32(bitCount) - 1
            }
        }
        return bits == 0 ? bytes : nil
    }
}

import FoundationEssentials

/// A JSON number, kept as the decimal text it was written as: nothing is rounded on the way through.
///
/// Equal means written alike: `1.0` and `1` differ here and agree in ``decimal``.
package struct JSONNumber: Sendable, Hashable {
    /// The text of RFC 8259's `number` production.
    package let lexeme: String

    /// The number with this text.
    /// - Returns: nil when the text is not a `number` of RFC 8259.
    package init?(lexeme: String) {
        guard let parsed = try? JSON(parsing: lexeme), case .number(let number) = parsed, number.lexeme == lexeme else {
            return nil
        }
        self = number
    }

    init(checked lexeme: String) {
        self.lexeme = lexeme
    }

    /// An integral number.
    package init(_ value: some BinaryInteger) {
        lexeme = String(value)
    }

    /// An exact decimal number, with as many places as it has significant ones.
    /// - Returns: nil when the value is not a number.
    package init?(_ value: Decimal) {
        guard value.isFinite else { return nil }
        lexeme = value.description
    }

    /// The value as a 64-bit integer; nil when it has a fraction or does not fit.
    package var integer: Int64? {
        if let value = Int64(lexeme) { return value }
        guard let decimal, let value = Int64(decimal.description) else { return nil }
        return value
    }

    /// The exact value; nil when it needs more than 38 digits, or when its last digit is worth more than 10⁶⁰ or less than
    /// 10⁻⁶⁰: a product of two such values still is a `Decimal`, whose multiplication ends the process where it is not.
    package var decimal: Decimal? {
        var significand: UInt64 = 0
        var digits = 0
        var places = 0
        var exponent = 0
        var negative = false
        var seenPoint = false
        var bytes = lexeme.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "-"): negative = true
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let written = Int(String(decoding: IteratorSequence(bytes).map { $0 }, as: UTF8.self)),
                    abs(written) <= 100
                else { return nil }
                exponent = written
                return Self.value(lexeme, negative, significand, digits, exponent - places)
            default:
                if seenPoint { places += 1 }
                if digits > 0 || byte != UInt8(ascii: "0") { digits += 1 }
                if digits <= 19 {
                    significand = significand &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
                }
            }
        }
        return Self.value(lexeme, negative, significand, digits, -places)
    }

    private static func value(
        _ lexeme: String, _ negative: Bool, _ significand: UInt64, _ digits: Int, _ exponent: Int
    ) -> Decimal? {
        guard digits <= 38, abs(exponent) <= 60 else { return nil }
        guard digits <= 19 else { return Decimal(string: lexeme) }
        if significand == 0 { return 0 }
        return Decimal(sign: negative ? .minus : .plus, exponent: exponent, significand: Decimal(significand))
    }
}

extension JSONNumber: ExpressibleByIntegerLiteral {
    /// An integral number.
    package init(integerLiteral value: Int) { self.init(value) }
}

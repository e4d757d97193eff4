import FoundationEssentials
import JSON

/// An amount of RON, exact to the ban; in JSON a number with two places, `1234.50`.
///
/// Sums saturate at ±9 × 10¹⁶ RON instead of trapping, so that nobody's numbers end a process.
package struct Money: Sendable, Hashable, Comparable {
    /// The amount in bani, hundredths of a RON.
    package let bani: Int64

    /// An amount of whole bani.
    package init(bani: Int64) {
        self.bani = bani
    }

    /// An amount in RON, rounded half away from zero to whole bani.
    /// - Returns: nil for an amount beyond ±9 × 10¹⁶ RON and for what is no number.
    package init?(rounding amount: Decimal) {
        guard amount.isFinite else { return nil }
        let parts = amount.magnitude.description.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1].utf8.map { Int64($0 - UInt8(ascii: "0")) } : []
        let places = (fraction + [0, 0, 0]).prefix(3).reduce(0) { $0 * 10 + $1 }
        guard let whole = Int64(parts[0]), whole < 90_000_000_000_000_000 else { return nil }
        let magnitude = whole * 100 + (places + 5) / 10
        bani = amount < 0 ? -magnitude : magnitude
    }

    /// An amount in RON, rounded half away from zero to whole bani; saturates, and is 0 for what is no number.
    package init(_ amount: Decimal) {
        self = Money(rounding: amount) ?? Money(bani: amount.isFinite ? (amount < 0 ? .min + 1 : .max) : 0)
    }

    /// The amount in RON.
    package var amount: Decimal {
        Decimal(sign: bani < 0 ? .minus : .plus, exponent: -2, significand: Decimal(bani.magnitude))
    }

    /// Nothing.
    package static let zero = Money(bani: 0)

    /// Smaller amounts first.
    package static func < (left: Money, right: Money) -> Bool { left.bani < right.bani }

    /// The sum.
    package static func + (left: Money, right: Money) -> Money {
        let (sum, overflow) = left.bani.addingReportingOverflow(right.bani)
        return Money(bani: overflow ? (right.bani < 0 ? .min + 1 : .max) : sum)
    }

    /// The difference.
    package static func - (left: Money, right: Money) -> Money { left + -right }
    /// The opposite amount.
    package static prefix func - (money: Money) -> Money { Money(bani: money.bani == .min ? .max : -money.bani) }

    /// What a JSON value of this type looks like.
    package static let schema = Schema.decimal(places: 2).described(
        "RON.", example: Money(bani: 10_050).json)
}

extension Money: Codable, CustomStringConvertible {
    /// The amount with exactly two places, as in `1234.50`.
    package var description: String {
        let magnitude = bani.magnitude
        let fraction = magnitude % 100
        return "\(bani < 0 ? "-" : "")\(magnitude / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    /// The amount as a JSON number with exactly two places.
    package var number: JSONNumber { JSONNumber(lexeme: description) ?? 0 }

    /// The amount as a JSON value with exactly two places.
    package var json: JSON { .number(number) }

    /// Reads a JSON number, rounded to whole bani.
    /// - Throws: `DecodingError` when it is no number or out of bounds.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let money = Money(rounding: try container.decode(Decimal.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "must be an amount of money")
        }
        self = money
    }

    /// Writes a JSON number with exactly two places.
    package func encode(to encoder: any Encoder) throws {
        try json.encode(to: encoder)
    }
}

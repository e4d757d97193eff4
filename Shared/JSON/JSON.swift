import FoundationEssentials

/// The only place that reads, writes and checks JSON text.
///
/// A value of RFC 8259. Numbers keep their decimal lexeme and objects the order of their members, so that what comes in
/// goes out unchanged; two objects are equal when they have the same members in any order.
package enum JSON: Sendable, Hashable {
    /// The literal `null`, which is not the same as an absent member.
    case null
    /// The literals `true` and `false`.
    case bool(Bool)
    /// An exact decimal number.
    case number(JSONNumber)
    /// A Unicode string; never contains U+0000 when it was parsed.
    case string(String)
    /// Values in order.
    case array([JSON])
    /// Members in order, each name once.
    case object(JSONObject)
}

extension JSON {
    /// The string, if this is one.
    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The truth value, if this is one.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number, if this is one.
    package var number: JSONNumber? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The number as an integer, if this is a number with an integral value that fits 64 bits.
    package var integer: Int64? { number?.integer }

    /// The elements, if this is an array.
    package var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, if this is an object.
    package var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// Whether this is the literal `null`.
    package var isNull: Bool { self == .null }

    /// The member of that name; nil when there is none or this is no object.
    package subscript(name: String) -> JSON? { object?[name] }

    /// The element at that position; nil when there is none or this is no array.
    package subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// `null`.
    package init(nilLiteral: ()) { self = .null }
    /// `true` or `false`.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integral number.
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    /// A number as it is written, up to 15 digits.
    package init(floatLiteral value: Double) { self = JSONNumber(lexeme: value.description).map(JSON.number) ?? .null }
    /// A string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// An array.
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object; a name written twice keeps its last value.
    package init(dictionaryLiteral members: (String, JSON)...) { self = .object(JSONObject(members)) }
}

extension JSON {
    /// An integral number.
    package static func number(_ value: some BinaryInteger) -> JSON { .number(JSONNumber(value)) }

    /// An exact decimal number or, for what is no number, `null`.
    package static func decimal(_ value: Decimal) -> JSON { JSONNumber(value).map(JSON.number) ?? .null }

    /// A string or, when there is none, `null`.
    package static func string(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }
}

extension JSON: CustomStringConvertible {
    /// The JSON text, as ``text``.
    package var description: String { text }
}

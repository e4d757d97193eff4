import FoundationEssentials

/// What can be a statement's parameter.
package protocol PostgresValue: Sendable {
    /// The value in PostgreSQL's text format; nil is NULL.
    var postgresText: String? { get }
}

extension String: PostgresValue {
    /// The string itself; one that contains NUL is refused when it is sent, because `text` cannot hold it.
    package var postgresText: String? { self }
}

extension Int: PostgresValue {
    /// Decimal digits.
    package var postgresText: String? { description }
}

extension Int64: PostgresValue {
    /// Decimal digits.
    package var postgresText: String? { description }
}

extension Bool: PostgresValue {
    /// `t` or `f`.
    package var postgresText: String? { self ? "t" : "f" }
}

extension Decimal: PostgresValue {
    /// The exact decimal notation.
    package var postgresText: String? { description }
}

extension Optional: PostgresValue where Wrapped: PostgresValue {
    /// The wrapped value's text, or NULL.
    package var postgresText: String? { flatMap(\.postgresText) }
}

extension Array: PostgresValue where Element: PostgresValue {
    /// An array literal with every element quoted; nil elements are NULL. Arrays of arrays are not supported.
    package var postgresText: String? {
        var text = "{"
        for element in self {
            if text.utf8.count > 1 { text += "," }
            guard let value = element.postgresText else {
                text += "NULL"
                continue
            }
            text += "\""
            if value.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
                for scalar in value.unicodeScalars {
                    if scalar == "\"" || scalar == "\\" { text += "\\" }
                    text.unicodeScalars.append(scalar)
                }
            } else {
                text += value
            }
            text += "\""
        }
        return text + "}"
    }
}

/// SQL text with `$1…` parameters, prepared once per connection and found again by its text.
///
/// Values never belong into the text: each text stays prepared for the life of a connection. Beyond 512 texts a
/// connection prepares anew each time.
package struct Statement: ExpressibleByStringLiteral, Hashable, Sendable {
    /// The SQL text.
    package let text: String

    /// A statement from text that is put together at run time from constant parts.
    package init(_ text: String) { self.text = text }

    /// A statement from a literal.
    package init(stringLiteral text: String) { self.text = text }
}

/// A statement and the values of its parameters, in order; nil is NULL.
package typealias BoundStatement = (statement: Statement, values: [(any PostgresValue)?])

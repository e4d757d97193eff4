import FoundationEssentials
import JSON
import Models

extension PostgresRow {
    /// The text of a column of any type.
    package func string(_ column: String) throws(PostgresError) -> String { try value(column) }

    /// A `bigint`, `integer` or `smallint`.
    package func int(_ column: String) throws(PostgresError) -> Int { try value(column) }

    /// A `boolean`.
    package func bool(_ column: String) throws(PostgresError) -> Bool { try value(column) }

    /// A `numeric`, exact.
    package func decimal(_ column: String) throws(PostgresError) -> Decimal { try value(column) }

    /// A `timestamptz`, rounded down to milliseconds.
    package func timestamp(_ column: String) throws(PostgresError) -> Timestamp { try value(column) }

    /// A `json` or `jsonb`.
    package func json(_ column: String) throws(PostgresError) -> JSON { try value(column) }

    /// A text that is the raw value of a `Value`, such as a state or a role.
    package func raw<Value: RawRepresentable<String>>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let value = Value(rawValue: try string(column)) else {
            throw .unexpectedValue(column: column, problem: "not a \(Value.self)")
        }
        return value
    }

    /// What a `json` or `jsonb` decodes to; NULL decodes as JSON's `null`.
    package func decoded<Value: Decodable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        do {
            return try (try optional(column, as: JSON.self) ?? .null).decode(type)
        } catch let error as PostgresError {
            throw error
        } catch {
            throw .unexpectedValue(column: column, problem: "not a \(Value.self)")
        }
    }
}

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
}

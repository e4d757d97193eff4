import FoundationEssentials

extension PostgresRow {
    /// The text of a column of any type.
    package func string(_ column: String) throws(PostgresError) -> String { try value(column) }

    /// A `bigint`, `integer` or `smallint`.
    package func int(_ column: String) throws(PostgresError) -> Int { try value(column) }

    /// A `boolean`.
    package func bool(_ column: String) throws(PostgresError) -> Bool { try value(column) }

    /// A `numeric`, exact.
    package func decimal(_ column: String) throws(PostgresError) -> Decimal { try value(column) }
}

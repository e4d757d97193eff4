/// The answer to one statement: its rows, and how many rows it touched.
package struct PostgresRows: RandomAccessCollection, Sendable {
    let result: PostgresResult

    /// How many rows an INSERT, UPDATE, DELETE or SELECT touched; 0 for other commands.
    package var affectedRows: Int { result.affectedRows }

    /// Always 0.
    package var startIndex: Int { 0 }
    /// The number of rows.
    package var endIndex: Int { result.rowCount }
    /// The row at `index`; reading one at or beyond `endIndex` throws as if its columns were NULL.
    package subscript(index: Int) -> PostgresRow { PostgresRow(result: result, index: index) }
}

/// One row of an answer, read by column name; holding it keeps the whole answer in memory.
///
/// Every accessor throws ``PostgresError/unexpectedValue(column:problem:)``, naming the column, when the answer has no
/// such column or the value is not of the wanted type; the plain ones also when it is NULL.
package struct PostgresRow: Sendable {
    let result: PostgresResult
    let index: Int

    /// The value, nil for NULL.
    package func optional<Value: PostgresReadable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value? {
        guard let number = result.column(column) else {
            throw .unexpectedValue(column: column, problem: "the statement does not select it")
        }
        guard let bytes = result.bytes(row: index, column: number) else { return nil }
        guard let value = Value(postgresBytes: bytes) else {
            throw .unexpectedValue(column: column, problem: "not a \(Value.self)")
        }
        return value
    }

    /// The value, which must not be NULL.
    package func value<Value: PostgresReadable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let value = try optional(column, as: type) else {
            throw .unexpectedValue(column: column, problem: "NULL instead of a \(Value.self)")
        }
        return value
    }
}

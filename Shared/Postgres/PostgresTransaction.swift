import EventLoop

/// A transaction that is under way; valid until the body that got it ends.
@Loop package final class PostgresTransaction {
    /// What a transaction sees of others (SQL isolation levels; PostgreSQL has no weaker one).
    package enum Isolation: Sendable {
        /// Every statement sees what was committed when it began.
        case readCommitted
        /// Every statement sees what was committed when the first began; may end in ``PostgresError/serialization``.
        case repeatableRead
        /// As if transactions ran one after the other; may end in ``PostgresError/serialization``.
        case serializable
    }

    private let connection: PostgresConnection
    private let isolation: Isolation
    private let limit: Duration
    private var hasBegun = false
    private var hasEnded = false
    private var firstError: PostgresError?

    init(_ connection: PostgresConnection, isolation: Isolation, limit: Duration) {
        self.connection = connection
        self.isolation = isolation
        self.limit = limit
    }

    /// Runs one statement.
    package func query(
        _ statement: Statement, _ values: [(any PostgresValue)?] = []
    ) async throws(PostgresError) -> PostgresRows {
        try await queries([(statement, values)])[0]
    }

    /// Runs several statements in one round trip, and returns their answers.
    package func queries(_ statements: [BoundStatement]) async throws(PostgresError) -> [PostgresRows] {
        guard !hasEnded else { throw .server(code: "25P01", message: "the transaction has ended") }
        guard !statements.isEmpty else { return [] }
        let isFirst = !hasBegun
        hasBegun = true
        do {
            let rows = try await run(isFirst ? [(begin, [])] + statements : statements)
            return isFirst ? Array(rows.dropFirst()) : rows
        } catch {
            // Until COMMIT is sent a lost connection means that nothing was changed.
            let error = error == .outcomeUnknown ? PostgresError.unavailable("the connection was lost") : error
            if firstError == nil { firstError = error }
            throw error
        }
    }

    func commit() async throws(PostgresError) {
        if let firstError { throw firstError }
        hasEnded = true
        if hasBegun {
            do {
                _ = try await run([("COMMIT", [])])
            } catch {
                throw error == .deadline ? .outcomeUnknown : error
            }
        }
        connection.release()
    }

    func rollBack() async {
        hasEnded = true
        if connection.isInTransaction {
            do {
                _ = try await run([("ROLLBACK", [])])
            } catch {
                connection.close()
            }
        }
        connection.release()
    }

    private func run(_ statements: [BoundStatement]) async throws(PostgresError) -> [PostgresRows] {
        let exchange = try Exchange(statements, limit: limit)
        connection.send(exchange)
        return try await exchange.value()
    }

    private var begin: Statement {
        switch isolation {
        case .readCommitted: "BEGIN"
        case .repeatableRead: "BEGIN ISOLATION LEVEL REPEATABLE READ"
        case .serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE"
        }
    }
}

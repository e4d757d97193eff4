import EventLoop
import Postgres
import TestSupport
import Testing

@Suite("Transactions") @Loop struct TransactionTests {
    private struct Refused: Error {}

    private func pool() async throws -> PostgresPool {
        let server = try await PostgresServer.shared()
        let pool = try await server.pool(
            server.createDatabase(preparedAs: "accounts") { name in
                let pool = server.pool(name)
                _ = try await pool.query(
                    """
                    CREATE TABLE account (id int CONSTRAINT account_pk PRIMARY KEY, owner text NOT NULL,
                        amount int CONSTRAINT amount_positive CHECK (amount >= 0),
                        parent int CONSTRAINT account_parent REFERENCES account DEFERRABLE INITIALLY DEFERRED)
                    """)
                await pool.close()
            })
        return pool
    }

    private func count(_ pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT count(*) AS n FROM account")[0].int("n")
    }

    private let insert: Statement = "INSERT INTO account (id, owner, amount, parent) VALUES ($1, $2, $3, $4)"

    @Test("a transaction that throws leaves nothing behind")
    func transactionThrowsLeavesNothing() async throws {
        let pool = try await pool()
        await #expect(throws: Refused.self) {
            try await pool.transaction { transaction in
                let rows = try await transaction.query(insert, [1, "a", 1, nil])
                #expect(rows.affectedRows == 1)
                throw Refused()
            }
        }
        #expect(try await count(pool) == 0)
        #expect(pool.load == (open: 1, free: 1, waiting: 0))
        await pool.close()
    }

    @Test("a transaction that returns is committed")
    func transactionReturnsCommitted() async throws {
        let pool = try await pool()
        let answer = try await pool.transaction(.serializable) { transaction in
            let rows = try await transaction.queries([
                (insert, [1, "a", 1, nil]), (insert, [2, "b", 1, 1]), ("SELECT count(*) AS n FROM account", []),
            ])
            return try rows[2][0].int("n")
        }
        #expect(answer == 2)
        #expect(try await count(pool) == 2)
        await pool.close()
    }

    @Test("a swallowed error cannot be committed")
    func swallowedErrorCannotBe() async throws {
        let pool = try await pool()
        await #expect(throws: PostgresError.violation(constraint: "amount_positive", kind: .check)) {
            try await pool.transaction { transaction in
                _ = try await transaction.query(insert, [1, "a", 1, nil])
                _ = try? await transaction.query(insert, [2, "a", -1, nil])
            }
        }
        #expect(try await count(pool) == 0)
        await pool.close()
    }

    @Test("a group is one transaction: all or nothing")
    func groupOneTransactionAll() async throws {
        let pool = try await pool()
        let rows = try await pool.atomically([(insert, [1, "a", 1, nil]), (insert, [2, "a", 1, nil])])
        #expect(rows.map(\.affectedRows) == [1, 1])
        await #expect(throws: PostgresError.violation(constraint: "account_pk", kind: .unique)) {
            try await pool.atomically([
                (insert, [3, "a", 1, nil]), (insert, [1, "a", 1, nil]), (insert, [4, "a", 1, nil]),
            ])
        }
        #expect(try await count(pool) == 2)
        #expect(try await pool.atomically([]).isEmpty)
        await pool.close()
    }

    @Test("violations carry their names, also those found at commit")
    func violationsCarryTheirNames() async throws {
        let pool = try await pool()
        await #expect(throws: PostgresError.violation(constraint: "owner", kind: .notNull)) {
            try await pool.query(insert, [1, nil, 1, nil])
        }
        for _ in 1...2 {
            await #expect(throws: PostgresError.violation(constraint: "account_parent", kind: .foreignKey)) {
                try await pool.query(insert, [1, "a", 1, 99])
            }
            await #expect(throws: PostgresError.violation(constraint: "account_parent", kind: .foreignKey)) {
                try await pool.transaction { _ = try await $0.query(insert, [1, "a", 1, 99]) }
            }
        }
        #expect(try await count(pool) == 0)
        #expect(pool.load == (open: 1, free: 1, waiting: 0))
        await pool.close()
    }

    @Test("a statement that failed to prepare behind an error is prepared again")
    func statementFailedPrepareBehind() async throws {
        let pool = try await pool()
        let select: Statement = "SELECT 7 AS n"
        await #expect(throws: PostgresError.self) { try await pool.atomically([("SELECT 1/0", []), (select, [])]) }
        #expect(try await pool.query(select)[0].int("n") == 7)
        await pool.close()
    }

    @Test("concurrent serializable writers are told to try again")
    func concurrentSerializableWritersTold() async throws {
        let pool = try await pool()
        _ = try await pool.query(insert, [1, "a", 1, nil])
        let update: Statement = "UPDATE account SET amount = amount + 1 WHERE id = 1"
        await #expect(throws: PostgresError.serialization) {
            try await pool.transaction(.repeatableRead) { transaction in
                _ = try await transaction.query("SELECT * FROM account")
                _ = try await pool.query(update)
                _ = try await transaction.query(update)
            }
        }
        #expect(PostgresError.serialization.isRetryable)
        await pool.close()
    }

    @Test("a connection lost inside a transaction means that nothing was changed")
    func connectionLostInsideTransaction() async throws {
        let pool = try await pool()
        await #expect {
            try await pool.transaction { transaction in
                _ = try await transaction.query(insert, [1, "a", 1, nil])
                _ = try await transaction.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
        } throws: { error in
            guard case .unavailable? = error as? PostgresError else { return false }
            return true
        }
        #expect(try await count(pool) == 0)
        await pool.close()
    }
}

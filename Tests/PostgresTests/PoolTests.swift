import EventLoop
import Postgres
import TestSupport
import Testing

@Suite("The connection pool") @Loop struct PoolTests {
    @Test("values of every type come back as they went")
    func valuesEveryTypeCome() async throws {
        let pool = try await PostgresServer.shared().pool("postgres")
        let big = String(repeating: "ăîș€🖨", count: 200_000)
        let select: Statement = """
            SELECT $1::text AS text, $2::bigint AS number, $3::boolean AS flag, $4::text AS nothing, $5::text[] AS words,
                $6::bigint[] AS numbers, $7::text AS big
            """
        let row = try #require(
            try await pool.query(select, ["", Int64.min, true, nil, ["a\"b", "\\", ","], [1, -2], big]).first)
        #expect(try row.string("text") == "")
        #expect(try row.value("number") == Int64.min)
        #expect(try row.bool("flag"))
        #expect(try row.optional("nothing", as: String.self) == nil)
        #expect(try row.value("words") == ["a\"b", "\\", ","])
        #expect(try row.value("numbers") == [1, -2])
        #expect(try row.string("big") == big)
        await pool.close()
    }

    @Test("an accessor's error names the column")
    func accessorsErrorNamesColumn() async throws {
        let pool = try await PostgresServer.shared().pool("postgres")
        let row = try #require(try await pool.query("SELECT 'x' AS a, NULL AS b").first)
        #expect(throws: PostgresError.unexpectedValue(column: "a", problem: "not a Int")) { try row.int("a") }
        #expect(throws: PostgresError.unexpectedValue(column: "b", problem: "NULL instead of a String")) {
            try row.string("b")
        }
        #expect(throws: PostgresError.self) { try row.string("c") }
        await pool.close()
    }

    @Test("a thousand concurrent queries share four connections and prepare once on each")
    func thousandConcurrentQueriesShare() async throws {
        let server = try await PostgresServer.shared()
        let pool = try await server.pool(server.createDatabase())
        let queries = (0..<1000).map { index in
            Task { @Loop in try await pool.query("SELECT $1::int AS n", [index])[0].int("n") }
        }
        var sum = 0
        for query in queries { sum += try await query.value }
        #expect(sum == 499_500)
        #expect(pool.load.open <= 4)
        let prepared: Statement =
            "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int%'"
        #expect(try await pool.query(prepared)[0].int("n") == 1)
        await pool.close()
    }

    @Test("of several servers that are named, the one that is there and takes writes is used")
    func severalServers() async throws {
        let server = try await PostgresServer.shared()
        let folder = try #require(server.url(of: "postgres").split(separator: "host=").last)
        let name = try await server.createDatabase()
        for hosts in ["/nowhere,\(folder)", "127.0.0.1:1,\(folder)", "\(folder),/nowhere"] {
            let pool = server.pool(name) {
                $0.url = "postgresql://postgres@/\(name)?host=\(hosts)&target_session_attrs=read-write"
            }
            #expect(try await pool.query("SELECT 1 AS n")[0].int("n") == 1)
            await pool.close()
        }
        // What a primary becomes that has lost its office.
        let administrator = server.pool("postgres")
        _ = try await administrator.query(
            Statement("ALTER DATABASE \(name) SET default_transaction_read_only = on"))
        let pool = server.pool(name) {
            $0.url = "postgresql://postgres@/\(name)?host=/nowhere,\(folder)&target_session_attrs=read-write"
            $0.acquireDeadline = .milliseconds(300)
        }
        await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        await pool.close()
        await administrator.close()
    }

    @Test("callers beyond the limits are told so")
    func callersBeyondLimitsTold() async throws {
        let pool = try await PostgresServer.shared().pool("postgres") {
            $0.connectionLimit = 1
            $0.waiterLimit = 1
            $0.acquireDeadline = .milliseconds(500)
        }
        var waits: [(duration: Duration, wasServed: Bool)] = []
        try await pool.transaction { transaction in
            _ = try await transaction.query("SELECT 1")
            pool.onWaited = { duration, wasServed in waits.append((duration, wasServed)) }
            let waiting = Task { @Loop in try await pool.query("SELECT 1") }
            #expect(await eventually { pool.load.waiting == 1 ? true : nil } == true)
            await #expect(throws: PostgresError.poolExhausted) { try await pool.query("SELECT 1") }
            await #expect(throws: PostgresError.poolExhausted) { try await waiting.value }
        }
        #expect(pool.load == (open: 1, free: 1, waiting: 0))
        #expect(waits.map(\.wasServed) == [false, false] && waits[1].duration >= .milliseconds(500))
        await pool.close()
    }

    @Test("a statement that waits for a lock ends at its deadline and the connection with it")
    func statementWaitsForLock() async throws {
        let server = try await PostgresServer.shared()
        let pool = try await server.pool(server.createDatabase())
        _ = try await pool.query("CREATE TABLE t (a int)")
        try await pool.transaction { transaction in
            _ = try await transaction.query("LOCK TABLE t")
            await #expect(throws: PostgresError.deadline) {
                try await pool.query("SELECT * FROM t", deadline: .milliseconds(50))
            }
            #expect(pool.load.open == 1)
        }
        #expect(try await pool.query("SELECT * FROM t").isEmpty)
        await pool.close()
    }

    @Test("the server's own limit ends a statement and keeps the connection")
    func serversOwnLimitEnds() async throws {
        let pool = try await PostgresServer.shared().pool("postgres") { $0.statementDeadline = .milliseconds(100) }
        await #expect(throws: PostgresError.deadline) {
            try await pool.query("SELECT pg_sleep(5)", deadline: .seconds(4))
        }
        #expect(pool.load == (open: 1, free: 1, waiting: 0))
        await pool.close()
    }

    @Test("after every backend was terminated the next queries get new connections")
    func afterEveryBackendWas() async throws {
        let server = try await PostgresServer.shared()
        let database = try await server.createDatabase()
        let pool = server.pool(database)
        let running = Task { @Loop in try await pool.query("SELECT pg_sleep(5)") }
        _ = try await pool.query("SELECT 1")
        #expect(await eventually { pool.load == (open: 2, free: 1, waiting: 0) ? true : nil } == true)
        try await server.terminateBackends(of: database)
        await #expect { try await running.value } throws: { error in
            guard case .unavailable? = error as? PostgresError else { return false }
            return true
        }
        #expect(await eventually { pool.load.open == 0 ? true : nil } == true)
        #expect(try await pool.query("SELECT 1 AS n")[0].int("n") == 1)
        await pool.close()
    }

    @Test("a restart of the server is survived")
    func restartServerSurvived() async throws {
        let server = try await PostgresServer.separate()
        let pool = server.pool("postgres") { $0.acquireDeadline = .milliseconds(300) }
        _ = try await pool.query("SELECT 1")
        server.stop()
        #expect(await eventually { pool.load.open == 0 ? true : nil } == true)
        await #expect { try await pool.query("SELECT 1") } throws: { error in
            guard case .unavailable? = error as? PostgresError else { return false }
            return true
        }
        try await server.start()
        #expect(await eventually { try? await pool.query("SELECT 1 AS n").first?.int("n") } == 1)
        await pool.close()
        server.stop()
    }

    @Test("an unreachable server is reported with its reason")
    func unreachableServerReportedReason() async throws {
        var configuration = PostgresConfiguration(url: "postgresql:///x?host=/nonexistent", applicationName: "test")
        configuration.acquireDeadline = .seconds(1)
        let pool = PostgresPool(configuration)
        await #expect { try await pool.query("SELECT 1") } throws: { "\($0)".contains("/nonexistent") }
        await pool.close()
    }

    @Test("what cannot be sent is refused before it is sent")
    func whatCannotBeSent() async throws {
        let pool = try await PostgresServer.shared().pool("postgres")
        await #expect(throws: PostgresError.server(code: "22021", message: "a text value contains NUL")) {
            try await pool.query("SELECT $1::text", ["a\0b"])
        }
        #expect(pool.load.open == 0)
        await #expect(throws: PostgresError.self) { try await pool.query("SELECT $1::text", []) }
        #expect(try await pool.query("SELECT 2 AS n")[0].int("n") == 2)
        await pool.close()
    }
}

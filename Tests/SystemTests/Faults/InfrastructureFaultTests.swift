import EventLoop
import Glibc
import Postgres
import Redis
import TestSupport
import Testing

extension SystemTests {
    @Suite("Whatever happens to the bus and the database, no receipt is printed twice and none is lost", .serialized)
    @Loop struct InfrastructureFaults {
        @Test("all subscribers are cut off, again and again") func subscribers() async throws {
            let redis = RedisConnection(try RedisURL(parsing: try await FaultyStack.shared().stack.variables.redisURL))
            defer { redis.close() }
            try await FaultyStack.stream("subscribers") { _, _ in
                let killed: Int64? = await eventually {
                    let count = (try? await redis.send(["CLIENT", "KILL", "TYPE", "pubsub"]))?.integer
                    return count == 0 ? nil : count
                }
                #expect(killed != nil)
            }
        }

        @Test("Redis is restarted, empty") func redis() async throws {
            try await FaultyStack.stream("redis", every: 24) { _, shared in try await shared.stack.restartRedisEmpty() }
        }

        @Test("Redis has no memory left: it forgets what it may, refuses to write, and has some again") func memory()
            async throws
        {
            let redis = RedisConnection(try RedisURL(parsing: try await FaultyStack.shared().stack.variables.redisURL))
            defer { redis.close() }
            _ = await eventually { redis.isConnected ? true : nil }
            let limit = try await redis.send("CONFIG", "GET", "maxmemory").array?.last?.string ?? "0"
            try await FaultyStack.stream("memory", every: 40) { _, _ in
                _ = try await redis.send("CONFIG", "SET", "maxmemory", "1")
                // The length of the fault, not a wait for anything.
                try await Loop.sleep(for: .seconds(8))
                _ = try await redis.send("CONFIG", "SET", "maxmemory", .string(limit))
            }
        }

        @Test("all connections to the database are ended") func database() async throws {
            let books = Books(try await FaultyStack.shared().stack)
            try await FaultyStack.stream("database") { _, _ in
                // Another fault of this kind may have ended this connection, or all the others.
                let ended: Int? = await eventually {
                    let rows = try? await books.database.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()
                        """, [])
                    return rows?.isEmpty == false ? rows?.count : nil
                }
                #expect(ended != nil)
            }
            await books.close()
        }

        @Test("PostgreSQL is killed, and recovers") func postgres() async throws {
            try await FaultyStack.stream("postgres", every: 24) { _, shared in try await shared.kill("postgres") }
            let log = try await FaultyStack.shared().stack.log("postgres")
            #expect(log.contains("automatic recovery in progress"))
        }

        @Test("a gateway stands still for longer than anybody waits, and goes on") func standstill() async throws {
            try await FaultyStack.stream("standstill", every: 40) { _, shared in
                try shared.stack.kill("gateway", SIGSTOP)
                // The length of the fault, not a wait for anything.
                try await Loop.sleep(for: .seconds(20))
                try shared.stack.kill("gateway", SIGCONT)
            }
        }
    }
}

import EventLoop
import JSON
import Models
import Postgres
import TestSupport
import Testing

@testable import Bus

@Suite("The outbox") @Loop struct OutboxTests {
    /// What handlers were given, in order.
    final class Seen {
        var types: [String] = []
    }

    private struct Poison: Error {}

    private func withDatabase(_ body: @Loop (PostgresServer, String, PostgresPool) async throws -> Void) async throws {
        let server = try await PostgresServer.shared()
        let database = try await server.createMigratedDatabase()
        let pool = server.pool(database)
        try await body(server, database, pool)
        await pool.close()
    }

    /// Drains as often as it takes: transactions of other tests on the same server hold events back too.
    private func drain(_ consumer: OutboxConsumer, until condition: @Loop () async throws -> Bool) async throws {
        let isDone = try await eventually {
            await consumer.drain()
            return try await condition() ? true : nil
        }
        #expect(isDone == true)
    }

    private func adopt(_ pool: PostgresPool) async throws -> Bool {
        try await pool.query("SELECT bus.adopt_restored() AS done")[0].bool("done")
    }

    private func event(_ type: String) -> OutboxEvent {
        OutboxEvent(
            id: EventID("evt_\(type)"), orgId: "acme", type: type, requestId: "req_1",
            createdAt: .now(), data: ["quoted": "it's \"so\""])
    }

    private func consumer(_ pool: PostgresPool, _ seen: Seen, name: String = "test", batch: Int = 100) -> OutboxConsumer
    {
        OutboxConsumer(name, pool: pool, batch: batch, attempts: 3, pause: .milliseconds(1)) { events, _ in
            seen.types += events.map(\.type)
        }
    }

    @Test("hands out events as they were written, once")
    func roundTrip() async throws {
        try await withDatabase { _, _, pool in
            let written = [event("a"), event("b")]
            _ = try await pool.atomically([Outbox.statement(written)])
            var read: [OutboxEvent] = []
            let consumer = OutboxConsumer("test", pool: pool) { events, _ in read += events }
            try await drain(consumer) { read.count >= 2 }
            await consumer.drain()
            #expect(read == written)
            #expect(consumer.statistics == OutboxStatistics(handled: 2))
        }
    }

    @Test("shows how long its oldest event has waited, and for how long each had when it was handled")
    func backlog() async throws {
        try await withDatabase { _, _, pool in
            let consumer = consumer(pool, Seen())
            var waits: [Duration] = []
            consumer.onHandled = { waits.append($0) }
            await consumer.drain()
            try await consumer.measureBacklog()
            #expect(consumer.backlog == .zero)
            let old = OutboxEvent(
                id: "evt_old", orgId: "acme", type: "old", createdAt: .now() - .seconds(60), data: [:])
            _ = try await pool.atomically([Outbox.statement([old, event("new")])])
            try await consumer.measureBacklog()
            let backlog = try #require(consumer.backlog)
            #expect(backlog >= .seconds(60) && backlog < .seconds(120))
            try await drain(consumer) { waits.count == 2 }
            #expect(waits[0] >= .seconds(60) && waits[1] < .seconds(60))
            try await consumer.measureBacklog()
            #expect(consumer.backlog == .zero)
        }
    }

    @Test("skips nothing and repeats nothing when a transaction that began earlier commits later")
    func interleaved() async throws {
        try await withDatabase { _, _, pool in
            let seen = Seen()
            let consumer = consumer(pool, seen)
            try await pool.transaction { early in
                _ = try await early.queries([Outbox.statement(event("early"))])
                _ = try await pool.atomically([Outbox.statement(event("late"))])
                await consumer.drain()
                #expect(seen.types == [])
                _ = try await early.queries([Outbox.statement(event("early-2"))])
            }
            try await drain(consumer) { seen.types.count >= 3 }
            #expect(seen.types == ["early", "early-2", "late"])
        }
    }

    @Test("hands out what a transaction has held back as soon as that ends, though nobody says so")
    func heldBack() async throws {
        try await withDatabase { _, _, pool in
            let seen = Seen()
            let consumer = OutboxConsumer("test", pool: pool, sweepInterval: .seconds(3600)) { events, _ in
                seen.types += events.map(\.type)
            }
            consumer.start()
            try await pool.transaction { early in
                _ = try await early.query("SELECT pg_current_xact_id()")
                _ = try await pool.atomically([Outbox.statement(event("late"))])
                consumer.wake()
                let answered = pool.roundTrips + 4
                _ = await eventually { pool.roundTrips >= answered ? true : nil }
                #expect(seen.types == [])
            }
            #expect(await eventually { seen.types.isEmpty ? nil : true } == true)
            await consumer.stop(deadline: Loop.now + .seconds(5))
            #expect(seen.types == ["late"])
        }
    }

    @Test("looks at the ends of an index only, however much the outbox keeps") func plans() async throws {
        try await withDatabase { _, _, pool in
            let written = (0..<3_000).map { event("\($0)") }
            _ = try await pool.atomically([Outbox.statement(written), ("ANALYZE bus.outbox", [])])
            let cursor = OutboxCursor(consumer: "test")
            _ = try await pool.atomically([cursor.create])
            let next = cursor.next(100).statement.text.replacing("$1", with: "'test'").replacing("$2", with: "100")
            for text in [next, cursor.hidden.statement.text] {
                let plan = try await pool.query(Statement("EXPLAIN \(text)")).map { try $0.string("QUERY PLAN") }
                #expect(!plan.contains { $0.contains("Seq Scan on outbox") }, "\(plan.joined(separator: "\n"))")
            }
        }
    }

    @Test("does not wait for a transaction that was rolled back")
    func rolledBack() async throws {
        try await withDatabase { _, _, pool in
            let seen = Seen()
            let consumer = consumer(pool, seen)
            _ = try? await pool.transaction { early in
                _ = try await early.queries([Outbox.statement(event("gone"))])
                _ = try await pool.atomically([Outbox.statement(event("kept"))])
                throw Poison()
            }
            try await drain(consumer) { !seen.types.isEmpty }
            #expect(seen.types == ["kept"])
        }
    }

    @Test("gives each event of many concurrent writers to one of two replicas, in order")
    func twoReplicas() async throws {
        try await withDatabase { _, _, pool in
            let seen = Seen()
            let first = consumer(pool, seen, batch: 7)
            let second = consumer(pool, seen, batch: 7)
            let writers = (0..<4).map { writer in
                Task { @Loop in
                    for index in 0..<50 {
                        _ = try await pool.atomically([Outbox.statement(event("\(writer)-\(index)"))])
                    }
                }
            }
            first.start()
            second.start()
            for writer in writers { try await writer.value }
            first.wake()
            second.wake()
            #expect(await eventually { seen.types.count >= 200 ? true : nil } == true)
            for consumer in [first, second] { await consumer.stop(deadline: Loop.now + .seconds(5)) }
            #expect(seen.types.count == 200)
            for writer in 0..<4 {
                #expect(seen.types.filter { $0.hasPrefix("\(writer)-") } == (0..<50).map { "\(writer)-\($0)" })
            }
        }
    }

    @Test("leaves a batch to the replica that has it")
    func busy() async throws {
        try await withDatabase { _, _, pool in
            let seen = Seen()
            _ = try await pool.atomically([Outbox.statement(event("a"))])
            let other = consumer(pool, seen)
            let consumer = OutboxConsumer("test", pool: pool) { _, _ in await other.drain() }
            try await drain(consumer) { consumer.statistics.handled == 1 }
            #expect(seen.types == [])
        }
    }

    @Test("repeats a batch whose connection was lost before the commit, with the effect of one")
    func killedBeforeCommit() async throws {
        try await withDatabase { server, database, pool in
            _ = try await pool.query("CREATE TABLE effect (type text)")
            _ = try await pool.atomically([Outbox.statement([event("a"), event("b")])])
            var turns = 0
            let consumer = OutboxConsumer("test", pool: pool, pause: .milliseconds(1)) { events, transaction in
                turns += 1
                _ = try await transaction.query(
                    "INSERT INTO effect SELECT unnest($1::text[])", [events.map(\.type)])
                if turns == 1 { try await server.terminateBackends(of: database) }
            }
            consumer.start()
            #expect(await eventually { consumer.statistics.handled == 2 ? true : nil } == true)
            await consumer.stop(deadline: Loop.now + .seconds(5))
            #expect(turns == 2)
            #expect(try await pool.query("SELECT * FROM effect").count == 2)
            #expect(try await pool.query("SELECT * FROM bus.parked").isEmpty)
        }
    }

    @Test("sets a poison event aside after its attempts, and handles its neighbours in order")
    func poison() async throws {
        try await withDatabase { _, _, pool in
            let seen = Seen()
            _ = try await pool.atomically([Outbox.statement(["a", "b", "poison", "c", "d"].map(event))])
            let consumer = OutboxConsumer("test", pool: pool, attempts: 3, pause: .milliseconds(1)) { events, _ in
                if events.contains(where: { $0.type == "poison" }) { throw Poison() }
                seen.types += events.map(\.type)
            }
            consumer.start()
            #expect(await eventually { seen.types.count == 4 ? true : nil } == true)
            await consumer.stop(deadline: Loop.now + .seconds(5))
            #expect(seen.types == ["a", "b", "c", "d"])
            #expect(consumer.statistics.parked == 1)
            #expect(consumer.statistics.failures == 4)
            let parked = try await pool.query("SELECT event_id, error FROM bus.parked")
            #expect(try parked.map { try $0.string("event_id") } == ["evt_poison"])
        }
    }

    @Test("tries again as often as it takes when the handler says that it is not the event's fault")
    func postponed() async throws {
        try await withDatabase { _, _, pool in
            _ = try await pool.atomically([Outbox.statement(event("a"))])
            var turns = 0
            let consumer = OutboxConsumer("test", pool: pool, attempts: 2, pause: .milliseconds(1)) { _, _ in
                turns += 1
                if turns < 6 { throw OutboxPostponed("the mail server is away") }
            }
            consumer.start()
            #expect(await eventually { consumer.statistics.handled == 1 ? true : nil } == true)
            await consumer.stop(deadline: Loop.now + .seconds(5))
            #expect(turns == 6)
            #expect(consumer.statistics.parked == 0)
        }
    }

    @Test(
        "is not set aside for what the database suffers from, however long",
        arguments: [
            PostgresError.deadline, .server(code: "55P03", message: "locked"), .server(code: "53100", message: "disk"),
        ])
    func suffering(error: PostgresError) async throws {
        try await withDatabase { _, _, pool in
            _ = try await pool.atomically([Outbox.statement(event("a"))])
            var turns = 0
            let consumer = OutboxConsumer("test", pool: pool, attempts: 2, pause: .milliseconds(1)) { _, _ in
                turns += 1
                if turns < 6 { throw error }
            }
            consumer.start()
            #expect(await eventually { consumer.statistics.handled == 1 ? true : nil } == true)
            await consumer.stop(deadline: Loop.now + .seconds(5))
            #expect(consumer.statistics.parked == 0)
        }
    }

    @Test("goes on where it was when it was restored into a cluster whose transactions have lower ids")
    func restored() async throws {
        try await withDatabase { _, _, pool in
            let seen = Seen()
            let (late, done) = (consumer(pool, seen, name: "late"), consumer(pool, Seen(), name: "done"))
            _ = try await pool.atomically([Outbox.statement(["a", "b", "c", "d"].map(event))])
            // As another cluster has left them: committed in another order than written, one consumer half way, one done.
            for (number, type) in ["c", "a", "d", "b"].enumerated() {
                _ = try await pool.query(
                    "UPDATE bus.outbox SET xid = ('1000000000000'::bigint + $2)::text::xid8 WHERE type = $1",
                    [type, Int64(number)])
            }
            _ = try await pool.query(
                """
                INSERT INTO bus.cursor (consumer, xid, id)
                SELECT consumer, xid, id FROM bus.outbox JOIN (VALUES ('late', 'a'), ('done', 'b')) AS v (consumer, at)
                    ON at = type
                UNION ALL SELECT 'new', '0', 0
                """)
            await late.drain()
            #expect(seen.types == [])
            #expect(try await !adopt(pool), "these ids could be this cluster's")
            _ = try await pool.query("UPDATE bus.origin SET system_identifier = 1")
            #expect(try await adopt(pool))
            #expect(try await !adopt(pool))
            _ = try await pool.atomically([Outbox.statement(event("f"))])
            try await drain(late) { seen.types.count >= 3 }
            #expect(seen.types == ["d", "b", "f"])
            try await drain(done) { done.statistics.handled >= 1 }
            #expect(done.statistics.handled == 1)
            let all = Seen()
            try await drain(consumer(pool, all, name: "new")) { all.types.count >= 5 }
            #expect(all.types == ["c", "a", "d", "b", "f"])
        }
    }

    @Test("is not touched while services are connected, whatever it was restored from")
    func restoredTooLate() async throws {
        try await withDatabase { server, database, pool in
            let service = server.pool(database, role: "ebon_alerts")
            _ = try await service.query("SELECT 1")
            _ = try await pool.query("UPDATE bus.origin SET system_identifier = 1")
            await #expect(throws: PostgresError.self) { try await adopt(pool) }
            await service.close()
            let isDone: Bool? = await eventually { (try? await adopt(pool)) == true ? true : nil }
            #expect(isDone == true)
        }
    }

    @Test("deletes events that are old, behind every consumer and behind no younger one, and no others")
    func expiry() async throws {
        try await withDatabase { _, _, pool in
            let seen = Seen()
            let idle = OutboxConsumer("idle", pool: pool, attempts: 1) { _, _ in throw OutboxPostponed("idle") }
            let ages = ["a": 26, "b": 48, "c": 24, "d": 30]
            _ = try await pool.atomically([Outbox.statement(ages.keys.sorted().map(event))])
            for (type, hours) in ages {
                let age: Statement = "UPDATE bus.outbox SET created_at = now() - $2 * interval '1 hour' WHERE type = $1"
                _ = try await pool.query(age, [type, hours])
            }
            await idle.drain()
            try await drain(consumer(pool, seen)) { seen.types.count == 4 }
            #expect(try await pool.query("SELECT * FROM bus.outbox").count == 4)
            _ = try await pool.query("DELETE FROM bus.cursor WHERE consumer = 'idle'")
            let last = consumer(pool, seen)
            await last.drain()
            #expect(last.statistics.expired == 2)
            let kept = try await pool.query("SELECT type FROM bus.outbox ORDER BY xid, id")
            #expect(try kept.map { try $0.string("type") } == ["c", "d"])
        }
    }
}

import EventLoop
import Models
import Redis
import TestSupport
import Testing

extension SystemTests {
    @Suite("Whoever listens to events", .serialized) @Loop struct Listening {
        @Test("sees every event once and in order, whatever is killed, by coming back after the last one seen")
        func faults() async throws {
            let shared = try await FaultyStack.shared()
            // Who is cut off before it has seen anything knows no better than where it began.
            let first = try #require(try await shared.newestEvent())
            let listeners = (0..<6).map { _ in EventListener(shared.stack, after: first) }
            for listener in listeners { try await listener.open() }
            let visits = listeners.map { listener in Task { @Loop in try await listener.stay() } }
            try await FaultyStack.stream("listeners", of: 6, every: 9) { number, shared in
                switch number % 4 {
                case 0: try await shared.kill("gateway")
                case 1: try await shared.cutSubscribers()
                case 2: try await shared.kill("gateway-2")
                default: try await shared.stack.restartRedisEmpty()
                }
            }
            let expected = try await shared.events(after: first)
            #expect(expected.count > 72 * 4)
            for listener in listeners {
                _ = await eventually { listener.ids.last == expected.last ? true : nil }
                let seen = listener.ids.suffix(expected.count)
                #expect(Array(seen) == expected, "\(listener.ids.count) seen, \(expected.count) written")
                #expect(Set(listener.ids).count == listener.ids.count)
                #expect(!listener.frames.contains { $0["type"] == "replay.gap" })
            }
            #expect(listeners.contains { $0.connections > 1 })
            for listener in listeners { listener.close() }
            for visit in visits { try await visit.value }
        }
    }
}

extension FaultyStack {
    /// The newest event that listeners may have seen already.
    func newestEvent() async throws -> String? { try await events(after: "").last }

    /// What is written behind an event, in the order of the commits.
    func events(after id: String) async throws -> [String] {
        let books = Books(stack)
        let rows = try await books.database.query(
            """
            SELECT o.event_id FROM bus.outbox o LEFT JOIN bus.outbox first ON first.event_id = $1
            WHERE o.org_id = $2 AND o.type = ANY ($3::text[]) AND (first.id IS NULL OR (o.xid, o.id) > (first.xid, first.id))
            ORDER BY o.xid, o.id
            """, [id, stack.variables.organization, EventCatalogue.publicScopes.keys.map(\.rawValue)])
        await books.close()
        return try rows.map { try $0.string("event_id") }
    }

    /// Ends every subscription, so that what is published meanwhile reaches nobody.
    func cutSubscribers() async throws {
        let redis = RedisConnection(try RedisURL(parsing: stack.variables.redisURL))
        defer { redis.close() }
        _ = await eventually {
            let count = (try? await redis.send(["CLIENT", "KILL", "TYPE", "pubsub"]))?.integer
            return count == 0 ? nil : count
        }
    }
}

import EventLoop
import Models
import Postgres
import TestSupport
import Testing

@testable import Bus

@Suite("Whoever reads the outbox for others to see", .serialized) @Loop struct OutboxReaderTests {
    private static let types: [EventType] = ["a", "b"]

    private func withDatabase(_ body: @Loop (PostgresPool, OutboxReader) async throws -> Void) async throws {
        let server = try await PostgresServer.shared()
        let pool = server.pool(try await server.createMigratedDatabase())
        try await body(pool, OutboxReader(pool))
        await pool.close()
    }

    private func event(_ name: String, _ type: String = "a", of organization: OrgID = "acme") -> OutboxEvent {
        OutboxEvent(
            id: EventID("evt_\(name)"), orgId: organization, type: type, createdAt: .now(),
            data: ["total": .decimal(1.50)])
    }

    /// Other tests' transactions on the same server hold events back too.
    private func news(
        of organizations: Set<OrgID>, after start: OutboxPosition, _ reader: OutboxReader, limit: Int, count: Int
    ) async throws -> [String] {
        var position = start
        var ids: [String] = []
        _ = try await eventually {
            let news = try await reader.news(after: position, of: organizations, types: Self.types, limit: limit)
            #expect(news.position >= position)
            position = news.position
            ids += news.events.map { String($0.id.rawValue.dropFirst(4)) }
            return ids.count >= count ? true : nil
        }
        return ids
    }

    @Test("notices that the database is not the one that it has read before, or an earlier state of it")
    func goneBack() async throws {
        try await withDatabase { _, reader in
            let start = try await reader.end()
            #expect(try await !reader.news(after: start, of: ["acme"], types: Self.types, limit: 10).hasGoneBack)
            let elsewhere = OutboxPosition(before: 1_000_000_000_000)
            #expect(try await reader.news(after: elsewhere, of: ["acme"], types: Self.types, limit: 10).hasGoneBack)
        }
    }

    @Test("finds what is wanted of those who are named, in order, whatever lies between", arguments: [1, 2, 100])
    func news(limit: Int) async throws {
        try await withDatabase { pool, reader in
            let start = try await reader.end()
            let events = [
                event("1"), event("foreign", of: "other"), event("internal", "c"), event("2", "b"),
                event("3", of: "third"),
            ]
            for event in events { _ = try await pool.atomically([Outbox.statement(event)]) }
            let some = try await news(of: ["acme", "third"], after: start, reader, limit: limit, count: 3)
            #expect(some == ["1", "2", "3"])
            let many = Set((0..<300).map { OrgID("org_\($0)") })
            let all = try await news(of: many, after: start, reader, limit: limit, count: 4)
            #expect(all == ["1", "foreign", "2", "3"])
        }
    }

    @Test("finds the place of an organization's own, recent events only")
    func place() async throws {
        try await withDatabase { pool, reader in
            _ = try await pool.atomically([Outbox.statement([event("1"), event("old"), event("foreign", of: "other")])])
            _ = try await pool.query(
                "UPDATE bus.outbox SET created_at = now() - interval '24 hours 1 second' WHERE event_id = 'evt_old'")
            #expect(try await reader.place(of: "evt_1", in: "acme").event != nil)
            for id: EventID in ["evt_old", "evt_foreign", "evt_nobody"] {
                #expect(try await reader.place(of: id, in: "acme").event == nil)
            }
        }
    }

    @Test("reads ends of indexes, however much the outbox keeps")
    func plans() async throws {
        try await withDatabase { pool, _ in
            let written = (0..<4_000).map { event("\($0)", $0 % 3 == 0 ? "a" : "c", of: OrgID("org_\($0 % 50)")) }
            _ = try await pool.atomically([Outbox.statement(written), ("ANALYZE bus.outbox", [])])
            let values = [
                "$1": "'1'", "$2": "1", "$3": "'{org_1}'", "$4": "'{a,b}'", "$5": "200",
            ]
            let range = ["$1": "'1'", "$2": "1", "$3": "'9'", "$4": "9", "$5": "'org_1'", "$6": "'{a,b}'", "$7": "200"]
            for (statement, values) in [
                (OutboxReader.snapshot, [:]), (OutboxReader.news, values), (OutboxReader.range, range),
            ] {
                let text = values.reduce(statement.text) { $0.replacing($1.key, with: $1.value) }
                let plan = try await pool.query(Statement("EXPLAIN \(text)")).map { try $0.string("QUERY PLAN") }
                #expect(!plan.contains { $0.contains("Seq Scan on outbox") }, "\(plan.joined(separator: "\n"))")
            }
        }
    }
}

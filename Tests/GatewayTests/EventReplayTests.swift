import Bus
import EventLoop
import Models
import Postgres
import TestSupport
import Testing

@testable import Gateway

@Suite("A listener that comes back", .serialized) @Loop struct EventReplayTests {
    @Test("gets what it missed in order, is told that this is all, and goes on live")
    func replay() async throws {
        try await GatewayFixture.run(gateways: 2) { fixture in
            let first = try await fixture.listen()
            try await fixture.happen(.status("0"))
            #expect(await first.sees("0"))
            let missed = (1...(EventReplays.pageSize * 2 + 7)).map { OutboxEvent.status("\($0)") }
            try await fixture.happen([OutboxEvent.status("foreign", of: "other")] + missed)
            let second = try await fixture.listen(since: "evt_0", to: 1)
            #expect(await second.hasSeen(missed.map { String($0.id.rawValue.dropFirst(4)) }))
            #expect(await second.frame("replay.complete") != nil)
            try await fixture.happen(.status("live"))
            #expect(await second.sees("live"))
            let idle = try await fixture.listen(since: "evt_live")
            #expect(await idle.sees("replay.complete"))
            #expect(idle.story == ["replay.complete"])
        }
    }

    @Test("sees no hole and nothing twice while events go on, however many come back at once")
    func underLoad() async throws {
        try await GatewayFixture.run(gateways: 2) { fixture in
            try await fixture.happen((0..<300).map { .status("\($0)") })
            let listeners = try await allAtOnce(13) { number -> FakeApp? in
                if number < 12 {
                    return try await fixture.listen(since: EventID("evt_\(number * 20)"), to: number % 2)
                }
                for number in 300..<900 { try await fixture.happen(.status("\(number)")) }
                return nil
            }.compactMap { $0 }
            for (number, listener) in listeners.enumerated() {
                #expect(await listener.hasSeen(((number * 20 + 1)..<900).map(String.init)))
                #expect(await listener.frame("replay.complete") != nil)
            }
        }
    }

    @Test("is told of the gap when its event is unknown, another organization's or too old, and goes on live")
    func gaps() async throws {
        try await GatewayFixture.run { fixture in
            // Seen here, they are certainly not news to those who come later.
            let first = try await fixture.listen()
            try await fixture.happen(.status("foreign", of: "other"), .status("old"), .status("young"))
            #expect(await first.sees("young"))
            let age: Statement =
                "UPDATE bus.outbox SET created_at = now() - $1 * interval '1 second' WHERE event_id = $2"
            _ = try await fixture.owner.query(age, [24 * 3600 + 1, "evt_old"])
            _ = try await fixture.owner.query(age, [24 * 3600 - 60, "evt_young"])
            for since: EventID in ["evt_nobody", "evt_foreign", "evt_old"] {
                let listener = try await fixture.listen(since: since)
                #expect(await listener.sees("replay.gap"))
                let live = OutboxEvent.status("live-\(since)")
                try await fixture.happen(live)
                #expect(await listener.sees("live-\(since)"))
                #expect(listener.story == ["replay.gap", "live-\(since)"])
            }
            let young = try await fixture.listen(since: "evt_young")
            #expect(await eventually { young.story.contains("replay.complete") ? true : nil } == true)
            #expect(young.story.first == "live-evt_nobody")
        }
    }

    @Test("waits for the database during its replay, and misses nothing")
    func databaseAway() async throws {
        try await GatewayFixture.run { fixture in
            try await fixture.happen((0..<(EventReplays.pageSize * 3)).map { .status("\($0)") })
            let listener = try await fixture.listen(since: "evt_0")
            try await fixture.postgres.terminateBackends(of: fixture.database)
            #expect(await listener.hasSeen((1..<(EventReplays.pageSize * 3)).map(String.init)))
            #expect(await listener.frame("replay.complete") != nil)
        }
    }
}

import Bus
import EventLoop
import Models
import Redis
import TestSupport
import Testing

@Suite("Presence", .timeLimit(.minutes(1))) @Loop struct PresenceTests {
    private let first = PresenceHolder(instance: "gw-1", session: "ses_1")
    private let second = PresenceHolder(instance: "gw-2", session: "ses_2")

    @Test("belongs to the newest claim, which learns whom it superseded")
    func claim() async throws {
        try await withPresence { presence, _ in
            let claims = [
                try await presence.claim("dev_1", for: first), try await presence.claim("dev_1", for: first),
                try await presence.claim("dev_1", for: second),
            ]
            #expect(claims == [.claimed(previous: nil), .claimed(previous: nil), .claimed(previous: first)])
            #expect(try await presence.holders(of: ["dev_1", "dev_2"]) == ["dev_1": second])
        }
    }

    @Test("is given up only by the session that holds it")
    func release() async throws {
        try await withPresence { presence, _ in
            _ = try await presence.claim("dev_1", for: second)
            try await presence.release("dev_1", held: first)
            #expect(try await presence.holders(of: ["dev_1"]) == ["dev_1": second])
            try await presence.release("dev_1", held: second)
            #expect(try await presence.holders(of: ["dev_1"]) == [:])
        }
    }

    @Test("is refreshed where it is held, restored where Redis lost it, and reported where another holds it")
    func refresh() async throws {
        try await withPresence { presence, redis in
            _ = try await presence.claim("dev_held", for: first)
            _ = try await presence.claim("dev_taken", for: second)
            try await redis.send("PEXPIRE", "presence:dev_held", 60_000)
            let sessions: [(device: DeviceID, session: String)] = [
                ("dev_held", "ses_1"), ("dev_lost", "ses_1"), ("dev_taken", "ses_1"),
            ]
            #expect(try await presence.refresh(sessions, instance: "gw-1") == ["dev_taken"])
            #expect(try await presence.holders(of: sessions.map(\.device)) == [
                "dev_held": first, "dev_lost": first, "dev_taken": second,
            ])
            for device in ["dev_held", "dev_lost"] {
                #expect(try await redis.send("PTTL", "presence:\(device)").integer ?? 0 > 70_000)
            }
        }
    }

    @Test("refreshes more sessions than one script call takes")
    func batches() async throws {
        try await withPresence { presence, _ in
            let devices = (0..<2500).map { DeviceID("dev_\($0)") }
            _ = try await presence.claim(devices[2400], for: second)
            #expect(try await presence.refresh(devices.map { ($0, "ses_1") }, instance: "gw-1") == [devices[2400]])
            #expect(try await presence.holders(of: devices).count == 2500)
        }
    }

    @Test("shuts the door for a minute after the tenth takeover within one")
    func damping() async throws {
        try await withPresence { presence, redis in
            _ = try await presence.claim("dev_1", for: first)
            for number in 1...10 {
                let (holder, previous) = number % 2 == 1 ? (second, first) : (first, second)
                #expect(try await presence.claim("dev_1", for: holder) == .claimed(previous: previous))
            }
            guard case .damped(let retryAfter) = try await presence.claim("dev_1", for: second) else {
                Issue.record("the eleventh takeover was let through")
                return
            }
            #expect(retryAfter > .seconds(50) && retryAfter <= .seconds(60))
            #expect(try await presence.claim("dev_2", for: second) == .claimed(previous: nil))
            try await redis.send("DEL", "damped:dev_1")
            #expect(try await presence.claim("dev_1", for: second) == .claimed(previous: first))
        }
    }

    private func withPresence(_ body: @Loop (Presence, RedisConnection) async throws -> Void) async throws {
        try await BusFixture.run { fixture in
            let bus = try await fixture.start(.gateway, "gw-1")
            try await body(Presence(bus), fixture.redis)
        }
    }
}

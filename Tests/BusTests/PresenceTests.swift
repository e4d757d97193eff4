import Bus
import EventLoop
import Models
import Redis
import TestSupport
import Testing

@Suite("Presence", .timeLimit(.minutes(1))) @Loop struct PresenceTests {
    private let first = PresenceHolder(instance: "gw-1", session: "ses_1", epoch: 1)
    private let second = PresenceHolder(instance: "gw-2", session: "ses_2", epoch: 2)

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

    @Test("is refused to a claim that is older than the holder")
    func superseded() async throws {
        try await withPresence { presence, _ in
            _ = try await presence.claim("dev_1", for: second)
            #expect(try await presence.claim("dev_1", for: first) == .superseded)
            #expect(try await presence.holders(of: ["dev_1"]) == ["dev_1": second])
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

    @Test("is not given to a session that is older than its holder's")
    func olderSession() async throws {
        try await withPresence { presence, _ in
            _ = try await presence.claim("dev_1", for: second)
            #expect(try await presence.claim("dev_1", for: first) == .superseded)
            #expect(try await presence.holders(of: ["dev_1"]) == ["dev_1": second])
        }
    }

    @Test("is refreshed where it is held, restored where Redis lost it, and reported where another holds it")
    func refresh() async throws {
        try await withPresence { presence, redis in
            _ = try await presence.claim("dev_held", for: first)
            _ = try await presence.claim("dev_taken", for: second)
            try await redis.send("PEXPIRE", "presence:dev_held", 60_000)
            let older = PresenceHolder(instance: "gw-2", session: "ses_0", epoch: 0)
            _ = try await presence.claim("dev_older", for: older)
            let devices: [DeviceID] = ["dev_held", "dev_lost", "dev_taken", "dev_older"]
            #expect(try await presence.refresh(devices.map { ($0, first) }) == [2])
            #expect(
                try await presence.holders(of: devices) == [
                    "dev_held": first, "dev_lost": first, "dev_taken": second, "dev_older": first,
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
            #expect(try await presence.refresh(devices.map { ($0, first) }) == [2400])
            #expect(try await presence.holders(of: devices).count == 2500)
        }
    }

    @Test("shuts the door for a minute after the tenth takeover within one")
    func damping() async throws {
        try await BusFixture.run { fixture in
            let redis = fixture.redis
            let presence = Presence(try await fixture.start(.gateway, "gw-0"))
            _ = try await fixture.start(.gateway, "gw-1")
            _ = try await presence.claim("dev_1", for: first)
            var holder = first
            for epoch in 2...Int64(11) {
                let newer = PresenceHolder(instance: "gw-\(epoch % 2)", session: "ses_\(epoch)", epoch: epoch)
                #expect(try await presence.claim("dev_1", for: newer) == .claimed(previous: holder))
                holder = newer
            }
            let next = PresenceHolder(instance: "gw-1", session: "ses_12", epoch: 12)
            guard case .damped(let retryAfter) = try await presence.claim("dev_1", for: next) else {
                Issue.record("the eleventh takeover was let through")
                return
            }
            #expect(retryAfter > .seconds(50) && retryAfter <= .seconds(60))
            #expect(try await presence.claim("dev_2", for: second) == .claimed(previous: nil))
            try await redis.send("DEL", "damped:dev_1")
            #expect(try await presence.claim("dev_1", for: next) == .claimed(previous: holder))
        }
    }

    @Test("counts the takeovers of any minute, not those of one that began with the first")
    func anyMinute() async throws {
        try await withPresence { presence, redis in
            _ = try await presence.claim("dev_1", for: first)
            let now = Timestamp.now().milliseconds
            // One is too old by now; eight have happened a moment ago.
            for age: Int64 in [1, 1, 2, 2, 3, 3, 4, 4, 61_000] {
                try await redis.send("RPUSH", "takeovers:dev_1", .integer(now - age))
            }
            for epoch in 2...Int64(3) {
                let newer = PresenceHolder(instance: "gw-1", session: "ses_\(epoch)", epoch: epoch)
                guard case .claimed = try await presence.claim("dev_1", for: newer) else {
                    Issue.record("the device was held off")
                    return
                }
            }
            let next = PresenceHolder(instance: "gw-1", session: "ses_4", epoch: 4)
            guard case .damped = try await presence.claim("dev_1", for: next) else {
                Issue.record("the eleventh takeover was let through")
                return
            }
        }
    }

    @Test("stays open, however often the gateway that held the device has died")
    func deadHolders() async throws {
        try await withPresence { presence, _ in
            for epoch in 1...Int64(20) {
                let newer = PresenceHolder(instance: "gw-dead-\(epoch)", session: "ses_\(epoch)", epoch: epoch)
                guard case .claimed = try await presence.claim("dev_1", for: newer) else {
                    Issue.record("the device was held off")
                    return
                }
            }
        }
    }

    private func withPresence(_ body: @Loop (Presence, RedisConnection) async throws -> Void) async throws {
        try await BusFixture.run { fixture in
            let bus = try await fixture.start(.gateway, "gw-1")
            try await body(Presence(bus), fixture.redis)
        }
    }
}

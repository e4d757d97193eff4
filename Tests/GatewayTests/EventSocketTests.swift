import Bus
import EventLoop
import HTTP
import JSON
import Models
import ServiceRuntime
import TestSupport
import Testing

@testable import Gateway

@Suite("An event socket", .serialized) @Loop struct EventSocketTests {
    @Test("is welcomed, then gets each event of its organization as it happens, in the frame of the contract")
    func live() async throws {
        try await GatewayFixture.run { fixture in
            let listener = try await fixture.listen()
            #expect(listener.frames[0]["heartbeatSeconds"] == 25)
            #expect(listener.frames[0]["session"]?.string?.hasPrefix("ses_") == true)
            let receipt = OutboxEvent(
                id: "evt_receipt", orgId: "acme_corp", type: "receipt.created", createdAt: .now(), data: [:])
            let event = OutboxEvent.status("1", data: ["deviceId": "dev_\"1", "total": .decimal(100.50)])
            try await fixture.happen(.status("foreign", of: "other"), receipt, event, .status("2"))
            #expect(await listener.sees("2"))
            #expect(listener.seen == ["1", "2"])
            let frame = listener.frames[1]
            #expect(frame.object?.members.map(\.name) == ["id", "type", "createdAt", "data"])
            #expect(frame["type"] == "device.status")
            #expect(frame["createdAt"]?.string == event.createdAt.description)
            #expect(frame["data"] == event.data)
        }
    }

    @Test("gets what happens through every gateway, also when the hint is lost or Redis forgets everything")
    func gateways() async throws {
        try await GatewayFixture.run(gateways: 2) { fixture in
            let listeners = [
                try await fixture.listen(to: 0), try await fixture.listen(to: 1),
                try await fixture.listen(to: 1, as: GatewayFixture.member),
            ]
            try await fixture.happen(.status("1"))
            for listener in listeners { #expect(await listener.sees("1")) }
            try await fixture.happen(.status("2"), hint: false)
            for gateway in fixture.gateways { gateway.events.wake() }
            for listener in listeners { #expect(await listener.sees("2")) }
            try await fixture.redis.stop()
            try await fixture.happen(.status("3"), hint: false)
            try await fixture.redis.start()
            for listener in listeners {
                #expect(await listener.sees("3"))
                #expect(listener.seen == ["1", "2", "3"])
            }
        }
    }

    @Test("gets an event that an older transaction held back, in commit order and without being told again")
    func heldBack() async throws {
        try await GatewayFixture.run { fixture in
            let listener = try await fixture.listen()
            try await fixture.owner.transaction { older in
                _ = try await older.queries([Outbox.statement(.status("older"))])
                try await fixture.happen(.status("younger"))
                try await Loop.sleep(for: .milliseconds(50))
                #expect(listener.seen == [])
            }
            #expect(await listener.sees("younger"))
            #expect(listener.seen == ["older", "younger"])
        }
    }

    @Test(
        "is sent away when the database turns out to be an earlier state of what was read, and comes back to its place")
    func goneBack() async throws {
        try await GatewayFixture.run { fixture in
            let listener = try await fixture.listen()
            try await fixture.happen(.status("1"))
            #expect(await listener.sees("1"))
            let feed = EventFeed(
                reader: OutboxReader(fixture.pools[0]),
                delay: Metrics().histogram("delay_seconds", "Of the events that this feed brings."))
            for session in fixture.gateways[0].events.sessions {
                feed.join(session, at: OutboxPosition(xid: 1_000_000_000_000, id: 0))
            }
            #expect(await listener.closeCode() == 1012)
            try await fixture.happen(.status("2"))
            let back = try await fixture.listen(since: "evt_1")
            #expect(await back.hasSeen(["2"]))
            #expect(await back.frame("replay.complete") != nil)
        }
    }

    @Test("is refused by status before the upgrade, with the path of every wrong parameter")
    func refusals() async throws {
        let limits = EventSocketLimits(perOrganization: 2, perProcess: 3)
        try await GatewayFixture.run(eventSockets: limits) { fixture in
            let long = String(repeating: "e", count: 129)
            let cases: [(query: String, paths: [String])] = [
                ("subscribe=", ["query.subscribe"]), ("subscribe=receipts", ["query.subscribe"]),
                ("subscribe=events&since=", ["query.since"]), ("subscribe=events&since=a%20b", ["query.since"]),
                ("subscribe=events&deviceId=dev_1&since=\(long)", ["query.deviceId", "query.since"]),
            ]
            for expected in cases {
                let refusal = try await fixture.refusal(expected.query, as: GatewayFixture.reader)
                #expect(refusal?.status == 400, "\(expected.query)")
                let paths = refusal?.body["error"]?["details"]?.array?.compactMap { $0["path"]?.string }
                #expect(paths == expected.paths)
            }
            #expect(try await fixture.refusal("subscribe=events", as: GatewayFixture.apiKey)?.status == 403)
            _ = try await fixture.listen()
            _ = try await fixture.listen()
            #expect(try await fixture.refusal("subscribe=events", as: GatewayFixture.reader)?.status == 429)
            let others = Caller(apiKeyId: "apikey_2", orgId: "other", plan: .pro, scopes: [.all])
            _ = try await fixture.listen(as: others)
            #expect(try await fixture.refusal("subscribe=events", as: others)?.status == 503)
        }
    }
}

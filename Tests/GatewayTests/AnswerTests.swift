import Bus
import Endpoints
import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import Gateway

@Suite("What an app answers", .serialized) @Loop struct AnswerTests {
    private static let done: JSON = ["type": "result", "id": "cmd_1", "ok": true, "data": ["receiptNumber": "7"]]

    @Test("is brought to the dispatcher until it is committed, and only then acknowledged")
    func retried() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            fixture.dispatcher.answer = { _ in
                // Twice, the database is away.
                if fixture.dispatcher.reports.count < 3 { throw APIError.unavailable("Not committed") }
                #expect(app.frames("ack").isEmpty)
                return [.committed]
            }
            app.send(Self.done)
            #expect(await app.frame("ack") == ["type": "ack", "id": "cmd_1"])
            #expect(fixture.dispatcher.reports.count == 3)
            #expect(fixture.dispatcher.reports.allSatisfy { $0.results[0].answer == .ok(data: ["receiptNumber": "7"]) })
        }
    }

    @Test("outlives Redis")
    func redisLost() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            try await fixture.redis.stop()
            app.send(Self.done)
            app.send(["type": "ping"])
            #expect(await app.frame("pong") != nil)
            #expect(app.frames("ack").isEmpty)
            try await fixture.redis.start()
            #expect(await eventually(within: .seconds(15)) { app.frames("ack").first } != nil)
            let restored = await eventually { try? await fixture.holder(of: "dev_1") }
            #expect(restored?.session == app.frames[0]["session"]?.string)
        }
    }

    @Test("is not acknowledged when it is refused, and what cannot be committed does not hold up the others")
    func refused() async throws {
        try await GatewayFixture.run { fixture in
            let liar = try await fixture.connect("dev_1")
            let honest = try await fixture.connect("dev_2")
            fixture.dispatcher.answer = { report in
                if report.results.contains(where: { $0.commandId == "cmd_poison" }) {
                    throw APIError.unprocessable("no")
                }
                return report.results.map { $0.commandId == "cmd_foreign" ? .refused : .committed }
            }
            liar.send(["type": "result", "id": "cmd_foreign", "ok": true])
            liar.send(["type": "result", "id": "cmd_poison", "ok": true])
            honest.send(Self.done)
            #expect(await honest.frame("ack") != nil)
            #expect(liar.frames("ack").isEmpty)
            #expect(liar.closure == nil)
        }
    }

    @Test("to a query is reported with its session; what is committed of it is acknowledged")
    func journal() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            let holder = try #require(try await fixture.holder(of: "dev_1"))
            fixture.dispatcher.answerToJournal = { $0.entries.map { $0.state == .executed ? .committed : .noted } }
            #expect(try await fixture.dispatcher.query(["cmd_1", "cmd_2"], of: "dev_1", at: holder) == .written)
            #expect(await app.frame("query") == ["type": "query", "ids": ["cmd_1", "cmd_2"]])
            app.send([
                "type": "journal",
                "entries": [["id": "cmd_1", "state": "executed", "ok": true], ["id": "cmd_2", "state": "unknown"]],
            ])
            #expect(await app.frame("ack") == ["type": "ack", "id": "cmd_1"])
            #expect(fixture.dispatcher.journals[0].session == holder.session)
            #expect(app.frames("ack").count == 1)
        }
    }

    @Test("that it is still at work makes the device busy on its new socket too, until it tells how it went")
    func running() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
            app.send(["type": "journal", "entries": [["id": "cmd_1", "state": "running"]]])
            #expect(try await fixture.status(of: "dev_1", becomes: "busy"))
            fixture.gateways[0].sockets.tick(.current, .now() + .seconds(170))
            app.send(Self.done)
            #expect(await app.frame("ack") != nil)
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
        }
    }

    @Test("makes the device busy and online again, and a fault makes it an error")
    func status() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
            let holder = try await fixture.holder(of: "dev_1")
            #expect(try await fixture.dispatcher.deliver("cmd_1", to: holder, of: "dev_1") == .written)
            let frame = try #require(await app.frame("command"))
            #expect(frame["id"] == "cmd_1" && frame["command"] == "raw_command" && frame["payload"] == ["data": ""])
            #expect(frame["expiresAt"]?.string.flatMap { Timestamp($0) } != nil)
            #expect(try await fixture.status(of: "dev_1", becomes: "busy"))
            app.send(Self.done)
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
            app.send(["type": "status", "flags": [:], "fault": "printer on fire"])
            #expect(try await fixture.status(of: "dev_1", becomes: "error"))
        }
    }

    @Test("is waited for only on the session that a command was claimed for, and only until its deadline")
    func deliveries() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            let holder = try #require(try await fixture.holder(of: "dev_1"))
            let stale = PresenceHolder(instance: holder.instance, session: "ses_0", epoch: 0)
            #expect(try await fixture.dispatcher.deliver("cmd_1", to: stale, of: "dev_1") == .notDelivered)
            #expect(try await fixture.dispatcher.deliver("cmd_1", to: holder, of: "dev_2") == .notDelivered)
            #expect(
                try await fixture.dispatcher.deliver("cmd_1", to: holder, of: "dev_1", age: .seconds(5))
                    == .notDelivered)
            #expect(try await fixture.dispatcher.query(["cmd_1"], of: "dev_1", at: stale) == .notDelivered)
            app.send(["type": "ping"])
            #expect(await app.frame("pong") != nil)
            #expect(app.frames("command").isEmpty && app.frames("query").isEmpty)
        }
    }
}

import EventLoop
import HTTP
import JSON
import Models
import TestSupport
import Testing

@testable import Gateway

@Suite("A device socket is closed", .serialized) @Loop struct CloseTests {
    @Test("with 4400 after three malformed, binary or unexpected frames in a row, not if a good one comes between")
    func malformed() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            app.send("{")
            app.socket?.send(binary: [1, 2, 3])
            app.send(["type": "ping"])
            #expect(await app.frame("pong") != nil)
            app.send(["type": "hello"])
            app.send(["type": "result", "id": "cmd_\u{1F4A9}", "ok": true])
            app.socket?.send(binary: [])
            #expect(await app.closeCode() == 4400)
        }
    }

    @Test("with 1009 above 256 KiB, not at 256 KiB")
    func oversize() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            let frame = #"{"type":"ping","x":""}"#
            let room = 256 * 1024 - frame.utf8.count
            app.send(#"{"type":"ping","x":"\#(String(repeating: "x", count: room))"}"#)
            #expect(await app.frame("pong") != nil)
            app.send(#"{"type":"ping","x":"\#(String(repeating: "x", count: room + 1))"}"#)
            #expect(await app.closeCode() == 1009)
        }
    }

    @Test("with 4408 after 60 seconds without an inbound frame, and with 4401 when its credential ends")
    func timePasses() async throws {
        try await GatewayFixture.run { fixture in
            let sockets = fixture.gateways[0].sockets
            let silent = try await fixture.connect("dev_1")
            sockets.tick(.current + .seconds(59), .now())
            #expect(await silent.frame("ping") != nil)
            #expect(silent.closure == nil)
            sockets.tick(.current + .seconds(61), .now())
            #expect(await silent.closeCode() == 4408)
            let expiring = try await fixture.open("deviceId=dev_2", expiresAt: Timestamp.now() + .seconds(60))
            sockets.tick(.current, .now() + .seconds(59))
            #expect(await expiring.frame("welcome") != nil)
            sockets.tick(.current, .now() + .seconds(61))
            #expect(await expiring.closeCode() == 4401)
        }
    }

    @Test("with 4401 when its key is revoked, and with 4404 when its device is deleted")
    func revoked() async throws {
        try await GatewayFixture.run { fixture in
            let deleted = try await fixture.connect("dev_1")
            try await fixture.gateways[0].watch.check()
            _ = try await fixture.owner.query("DELETE FROM org.devices WHERE device_id = 'dev_1'")
            try await fixture.gateways[0].watch.check()
            #expect(await deleted.closeCode() == 4404)
            let revoked = try await fixture.connect("dev_2")
            _ = try await fixture.owner.query("UPDATE org.api_keys SET active = false")
            try await fixture.gateways[0].watch.check()
            #expect(await revoked.closeCode() == 4401)
        }
    }

    @Test("with 4401 as soon as word comes that the organization's credentials have changed, like those of listeners")
    func wordOfRevocation() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            let listener = try await fixture.listen()
            _ = try await fixture.owner.query("UPDATE org.api_keys SET active = false")
            fixture.dispatcher.bus.publish(CredentialsChanged(orgId: "other"))
            app.send(["type": "ping"])
            #expect(await app.frame("pong") != nil)
            fixture.dispatcher.bus.publish(CredentialsChanged(orgId: "acme_corp"))
            #expect(await app.closeCode() == 4401)
            #expect(await listener.closeCode() == 4401)
        }
    }

    @Test("with 4429 after more than 500 frames, control frames included, within ten seconds")
    func tooManyFrames() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            for _ in 1...250 {
                app.socket?.ping()
                app.send(["type": "pong"])
            }
            app.send(["type": "ping"])
            #expect(await app.closeCode() == 4429)
        }
    }

    @Test("with 4410 when it does not read, and what it was sent last is known not to be delivered")
    func doesNotRead() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            let holder = try await fixture.holder(of: "dev_1")
            app.socket?.pauseReading()
            var outcome = Delivery.Outcome.written
            for number in 1...200 where outcome == .written {
                outcome = try await fixture.dispatcher.deliver(
                    CommandID("cmd_\(number)"), to: holder, of: "dev_1", payloadBytes: 200_000)
            }
            #expect(outcome == .notDelivered)
            let closed = try await eventually {
                try await fixture.events(of: "dev_1").contains("app.disconnected 4410") ? true : nil
            }
            #expect(closed == true)
        }
    }

    @Test("with 1012 when the gateway restarts, and its device is offline before the gateway is gone")
    func restart() async throws {
        try await GatewayFixture.run { fixture in
            let apps = [try await fixture.connect("dev_1"), try await fixture.connect("dev_2")]
            let gateway = fixture.gateways[0]
            await gateway.server.drain(within: .seconds(1))
            await gateway.sockets.drain(over: .milliseconds(20), until: .current + .seconds(5))
            await fixture.settled()
            for app in apps { #expect(await app.closeCode() == 1012) }
            #expect(try await fixture.status(of: "dev_1", becomes: "offline"))
            #expect(try await fixture.holder(of: "dev_2") == nil)
        }
    }

    @Test("with 1012 only after it was told that its result is committed, and given nothing new meanwhile")
    func restartAtWork() async throws {
        try await GatewayFixture.run { fixture in
            let (busy, idle) = (try await fixture.connect("dev_1"), try await fixture.connect("dev_2"))
            let holder = try await fixture.holder(of: "dev_1")
            #expect(try await fixture.dispatcher.deliver("cmd_1", to: holder, of: "dev_1") == .written)
            #expect(await busy.frame("command") != nil)
            let sockets = fixture.gateways[0].sockets
            let drained = Task.immediate { @Loop in
                await sockets.drain(over: .zero, until: .current + .seconds(5))
            }
            #expect(await idle.closeCode() == 1012)
            #expect(try await fixture.dispatcher.deliver("cmd_2", to: holder, of: "dev_1") == .notDelivered)
            #expect(busy.closure == nil)
            busy.send(["type": "result", "id": "cmd_1", "ok": true, "data": ["receiptNumber": "7"]])
            #expect(await busy.closeCode(within: .seconds(2)) == 1012)
            #expect(busy.frames("ack") == [["type": "ack", "id": "cmd_1"]])
            await drained.value
        }
    }

    @Test("with 1012 when it comes while the gateway leaves, and was never connected")
    func late() async throws {
        try await GatewayFixture.run { fixture in
            await fixture.gateways[0].sockets.drain(over: .zero, until: .current + .seconds(1))
            let app = try await fixture.open("deviceId=dev_1")
            #expect(await app.closeCode() == 1012)
            await fixture.settled()
            #expect(try await fixture.events(of: "dev_1") == [])
            #expect(try await fixture.holder(of: "dev_1") == nil)
        }
    }
}

import EventLoop
import JSON
import Models
import Postgres
import TestSupport
import Testing

@testable import Gateway

@Suite("A device that was deleted", .serialized) @Loop struct DeletedDeviceTests {
    private func delete(_ device: DeviceID, _ fixture: GatewayFixture) async throws {
        _ = try await fixture.owner.query("DELETE FROM org.devices WHERE device_id = $1", [device])
        fixture.dispatcher.bus.publish(DeviceGone(deviceId: device))
    }

    @Test("loses its socket at once, and nobody else does")
    func closed() async throws {
        try await GatewayFixture.run { fixture in
            let (deleted, other) = (try await fixture.connect("dev_1"), try await fixture.connect("dev_2"))
            // A word that is not true changes nothing.
            fixture.dispatcher.bus.publish(DeviceGone(deviceId: "dev_2"))
            try await delete("dev_1", fixture)
            #expect(await deleted.closeCode() == 4404)
            #expect(try await fixture.refusal("deviceId=dev_1")?.status == 404)
            other.send(["type": "ping"])
            #expect(await other.frame("pong") != nil)
        }
    }

    @Test("keeps its socket until it has reported the receipt that it is printing")
    func busy() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            let holder = try await fixture.holder(of: "dev_1")
            #expect(try await fixture.dispatcher.deliver("cmd_1", to: holder, of: "dev_1") == .written)
            #expect(await app.frame("command") != nil)
            _ = try await fixture.owner.query("DELETE FROM org.devices WHERE device_id = 'dev_1'")
            try await fixture.gateways[0].watch.look(at: "dev_1")
            try await fixture.gateways[0].watch.check()
            app.send(["type": "result", "id": "cmd_1", "ok": true, "data": ["receiptNumber": "7"]])
            #expect(await app.frame("ack") != nil)
            #expect(fixture.dispatcher.reports.count == 1)
            fixture.gateways[0].sockets.tick(.current, .now())
            #expect(await app.closeCode(within: .seconds(3)) == 4404)
        }
    }

    @Test("is forgotten with its history, once its socket is closed")
    func forgotten() async throws {
        try await GatewayFixture.run { fixture in
            let store = GatewayStore(pool: fixture.owner)
            for device in ["dev_1", "dev_2"] as [DeviceID] { _ = try await fixture.connect(device) }
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
            await fixture.settled()
            try await delete("dev_1", fixture)
            #expect(try await fixture.status(of: "dev_1", becomes: "offline"))
            await fixture.settled()
            try await store.forgetDeleted()
            for table in ["device_states", "connection_events"] {
                let left = try await fixture.owner.query(
                    Statement("SELECT DISTINCT device_id FROM gateway.\(table)"))
                #expect(try left.map { try $0.string("device_id") } == ["dev_2"])
            }
            #expect(try await fixture.holder(of: "dev_1") == nil)
        }
    }
}

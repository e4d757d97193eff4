import EventLoop
import Models
import TestSupport
import Testing

@testable import Gateway

@Suite("What is written of a device", .serialized) @Loop struct DeviceStateTests {
    @Test("comes from its newest socket, and every event from a difference to what was written before")
    func epochs() async throws {
        try await GatewayFixture.run { fixture in
            let store = GatewayStore(pool: fixture.owner)
            let (old, new) = (DeviceSnapshot.of("dev_1", epoch: 1), DeviceSnapshot.of("dev_1", epoch: 2))
            let writes: [(DeviceSnapshot, isNews: Bool)] = [
                (old, true), (old, false), (old.with(\.connected, false), true),
                // Admitted when the older one was still online; the difference counts all the same.
                (new, true), (new, false), (old.with(\.connected, false), false), (old, false),
                (new.with(\.busy, true), true), (new.with(\.busy, true).with(\.flags.paperEndSince, .now()), true),
            ]
            for (snapshot, isNews) in writes {
                let written = try await store.write([DeviceChange(snapshot)], at: .now())
                #expect(written == isNews)
            }
            let events = try await fixture.events(of: "dev_1")
            #expect(
                events == [
                    "device.status online", "device.status offline", "device.status online", "device.status busy",
                    "device.flags",
                ])
        }
    }

    @Test("that the database cannot hold does not keep what is written of others from being written")
    func poison() async throws {
        try await GatewayFixture.run { fixture in
            let writer = fixture.gateways[0].writer
            for number in 1...5 {
                var snapshot = DeviceSnapshot.of(DeviceID("dev_\(number)"), epoch: 1)
                if number == 3 { snapshot.flags.fault = "a NUL: \0" }
                writer.connected(snapshot)
            }
            await fixture.settled()
            let rows = try await fixture.owner.query("SELECT device_id FROM gateway.device_states ORDER BY device_id")
            #expect(try rows.map { try $0.string("device_id") } == ["dev_1", "dev_2", "dev_4", "dev_5"])
        }
    }

    @Test("survives that the database ends every connection, with the history of what happened meanwhile")
    func databaseLost() async throws {
        try await GatewayFixture.run { fixture in
            _ = try await fixture.connect("dev_1")
            try await fixture.postgres.terminateBackends(of: fixture.database)
            let app = try await fixture.connect("dev_1")
            app.send(["type": "status", "flags": ["coverOpen": true]])
            try await fixture.postgres.terminateBackends(of: fixture.database)
            app.socket?.close()
            #expect(try await fixture.status(of: "dev_1", becomes: "offline"))
            let rows = try await fixture.owner.query(
                "SELECT (cover_open_since IS NOT NULL) AS open FROM gateway.device_states WHERE device_id = 'dev_1'")
            #expect(try rows[0].bool("open"))
            #expect(try await fixture.holder(of: "dev_1") == nil)
        }
    }

    @Test("is offline, with its events, when its gateway is no more, and online again if that one comes back")
    func gatewayLost() async throws {
        try await GatewayFixture.run(gateways: 2) { fixture in
            _ = try await fixture.connect("dev_1")
            await fixture.settled()
            _ = try await fixture.owner.query(
                "UPDATE gateway.instances SET seen_at = now() - interval '16 seconds' WHERE instance = 'gateway-1'")
            try await fixture.gateways[1].heartbeat(at: .current)
            #expect(try await fixture.status(of: "dev_1", becomes: "offline"))
            try await fixture.gateways[0].heartbeat(at: .current + .seconds(20))
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
            let statuses = try await fixture.events(of: "dev_1").filter { $0.hasPrefix("device.status") }
            #expect(statuses == ["device.status online", "device.status offline", "device.status online"])
            let changes = try await fixture.owner.events(DeviceStatusChanged.self)
            #expect(changes.map(\.status) == [.online, .offline, .online])
            let closed = AppDisconnected(deviceId: "dev_1", code: 1006, reason: "gateway lost")
            #expect(try await fixture.owner.events(AppDisconnected.self) == [closed])
            #expect(try await fixture.owner.events(AppConnected.self).count == 2)
        }
    }
}

extension DeviceSnapshot {
    static func of(_ device: DeviceID, epoch: Int64) -> DeviceSnapshot {
        DeviceSnapshot(
            deviceId: device, orgId: "acme_corp", epoch: epoch, session: "ses_\(epoch)", instance: "gateway-1",
            app: AppDescription(), connectedAt: .now(), lastSeen: .now(), flags: DeviceFlags())
    }

    func with<Value>(_ path: WritableKeyPath<DeviceSnapshot, Value>, _ value: Value) -> DeviceSnapshot {
        var copy = self
        copy[keyPath: path] = value
        return copy
    }
}

import EventLoop
import GatewayRoutes
import JSON
import Models
import TestSupport
import Testing

@testable import Gateway

@Suite("Whoever reads", .serialized) @Loop struct ReadTests {
    @Test("the status of a device finds what is persisted of it, whether it was ever connected or not")
    func status() async throws {
        try await GatewayFixture.run { fixture in
            let never = try await fixture.get(GatewayRoutes.deviceStatus.route, "dev_2")
            #expect(never.status == 200)
            #expect(
                never.body == [
                    "deviceId": "dev_2", "wsConnected": false, "firestoreStatus": "offline", "lastSeen": .null,
                ])
            let app = try await fixture.connect("dev_1")
            app.send(["type": "status", "fault": "cutter jam"])
            #expect(try await fixture.status(of: "dev_1", becomes: "error"))
            let faulty = try await fixture.get(GatewayRoutes.deviceStatus.route, "dev_1").body
            #expect(faulty.object?.members.map(\.name) == ["deviceId", "wsConnected", "firestoreStatus", "lastSeen"])
            #expect(faulty["wsConnected"] == true && faulty["firestoreStatus"] == "error")
            let all = try await fixture.get(GatewayRoutes.deviceStatuses.route).body["statuses"]
            #expect(all?.object?.members.map(\.name).sorted() == (1...5).map { "dev_\($0)" })
            for (member, value) in [("wsConnected", true), ("firestoreStatus", "error")] as [(String, JSON)] {
                #expect(all?["dev_1"]?[member] == value)
            }
            #expect(all?["dev_1"]?["lastSeen"] == faulty["lastSeen"])
            #expect(all?["dev_2"]?["lastSeen"] == .null)
            app.socket?.close()
            #expect(try await fixture.status(of: "dev_1", becomes: "offline"))
            let gone = try await fixture.get(GatewayRoutes.deviceStatus.route, "dev_1").body
            #expect(gone["wsConnected"] == false && gone["firestoreStatus"] == "offline")
            #expect(gone["lastSeen"]?.string != nil)
        }
    }

    @Test("the connection history of a device finds every member of its newest events, newest first")
    func history() async throws {
        try await GatewayFixture.run { fixture in
            let none = try await fixture.get(GatewayRoutes.connectionHistory.route, "dev_1")
            #expect(none.status == 200)
            #expect(none.body == ["events": []])
            let app = try await fixture.connect("dev_1")
            app.socket?.close()
            #expect(try await fixture.status(of: "dev_1", becomes: "offline"))
            let events = try #require(
                try await fixture.get(GatewayRoutes.connectionHistory.route, "dev_1").body["events"]?.array)
            #expect(events.map { $0["type"]?.string } == ["disconnected", "connected"])
            let members = ["type", "timestamp", "deviceModel", "appVersion", "osVersion", "code", "reason"]
            for event in events {
                #expect(event.object?.members.map(\.name) == members)
                #expect(event["deviceModel"] == "T2" && event["appVersion"] == "4.2" && event["osVersion"] == "13")
            }
            #expect(events[0]["code"] == 1000)
            #expect(events[0]["reason"]?.string != nil)
            #expect(events[1]["code"] == .null && events[1]["reason"] == .null)
            try await fixture.connect("dev_1").socket?.abort()
            #expect(try await fixture.status(of: "dev_1", becomes: "offline"))
            await fixture.settled()
            let lost = try await fixture.get(GatewayRoutes.connectionHistory.route, "dev_1").body["events"]?[0]
            #expect(lost?["code"] == 1006 && lost?["reason"] == "connection lost")
        }
    }

    @Test("the connection history of a device that comes and goes for ever finds 20 events, and no more are kept")
    func retention() async throws {
        try await GatewayFixture.run { fixture in
            let store = GatewayStore(pool: fixture.owner)
            for epoch in 1...15 {
                let snapshot = DeviceSnapshot.of("dev_1", epoch: Int64(epoch))
                let at = Timestamp.now() + .seconds(epoch)
                var change = DeviceChange(snapshot)
                change.append(ConnectionEvent(snapshot: snapshot, at: at, closure: nil))
                change.append(
                    ConnectionEvent(
                        snapshot: snapshot, at: at + .milliseconds(1), closure: .init(code: 4408, reason: "")))
                _ = try await store.write([change], at: .now())
            }
            let events = try #require(
                try await fixture.get(GatewayRoutes.connectionHistory.route, "dev_1").body["events"]?.array)
            let times = events.compactMap { $0["timestamp"]?.string }
            #expect(times.count == 20 && times == times.sorted(by: >))
            let kept = try await fixture.owner.query("SELECT count(*)::integer AS n FROM gateway.connection_events")
            #expect(try kept[0].int("n") == 20)
        }
    }

    @Test("of a device of another organization learns as much as of one that does not exist")
    func strangers() async throws {
        try await GatewayFixture.run { fixture in
            for route in [GatewayRoutes.deviceStatus.route, GatewayRoutes.connectionHistory.route] {
                let foreign = try await fixture.get(route, "dev_foreign")
                let missing = try await fixture.get(route, "dev_none")
                #expect(foreign.status == 404)
                #expect(foreign.body == missing.body)
                #expect(try await fixture.get(route, "dev_foreign", of: "other").status == 200)
            }
        }
    }

    @Test("the app instances finds who is connected, by the device's name")
    func appInstances() async throws {
        try await GatewayFixture.run { fixture in
            #expect(try await fixture.get(GatewayRoutes.appInstances.route).body == ["instances": []])
            _ = try await fixture.connect("dev_1")
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
            let instances = try await fixture.get(GatewayRoutes.appInstances.route).body["instances"]?.array ?? []
            #expect(instances.count == 1)
            var instance = try #require(instances.first?.object)
            #expect(instance["connectedAt"]?.string?.hasSuffix("Z") == true)
            instance["connectedAt"] = nil
            #expect(
                JSON.object(instance) == [
                    "deviceId": "dev_1", "deviceName": "POS", "appVersion": "4.2", "deviceModel": "T2",
                    "osVersion": "13", "connectedDevices": [],
                ])
            #expect(try await fixture.get(GatewayRoutes.appInstances.route, of: "other").body == ["instances": []])
        }
    }
}

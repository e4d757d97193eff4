import AlertsEngineRoutes
import EventLoop
import JSON
import Models
import Testing

@testable import AlertsEngine

extension AlertRule {
    fileprivate static let neverConnected = AlertRule(
        type: "never_connected", severity: .info, message: "Device was never connected",
        onset: { device in device.lastSeen == nil ? .since(device.createdAt) : nil })
}

@Suite("A sixth rule, given nothing but its value and a place in the catalogue,") @Loop struct SixthRuleTests {
    @Test("is read, filtered, listed in its place, raised and cleared like the others") func everything() async throws {
        try await AlertsFixture.run(rules: AlertCatalogue.rules + [.neverConnected]) { fixture in
            try await fixture.addDevice("dev_1")
            _ = try await fixture.database.query("DELETE FROM gateway.device_states")
            _ = try await fixture.database.query("UPDATE dispatch.lanes SET last_z_report_at = NULL")
            let expected: JSON = [
                "type": "never_connected", "severity": "info", "message": "Device was never connected",
                "deviceId": "dev_1", "deviceName": "POS dev_1",
            ]
            let batch = try await fixture.service.call(
                AlertsEngineRoutes.alerts.route, as: fixture.key(), query: ["severity": "info"])
            let found = batch.json["alerts"]?["dev_1"]?.array ?? []
            #expect(found.count == 1)
            for field in expected.object?.members ?? [] { #expect(found.first?[field.name] == field.value) }

            let single = try await fixture.service.call(
                AlertsEngineRoutes.deviceAlerts.route, as: fixture.key(), path: ["deviceId": "dev_1"])
            #expect(single.json["alerts"]?.array?.map { $0["type"] } == ["z_report_overdue", "never_connected"])
            #expect(single.json["alerts"]?.array?.last == found.first)

            try await fixture.occur(DeviceRegistered(deviceId: "dev_1", createdAt: .now()))
            try await fixture.occur(
                AppConnected(deviceId: "dev_1", appVersion: "1", deviceModel: "", osVersion: ""))
            #expect(
                try await fixture.announcements() == [
                    "dev_1 z_report_overdue raised", "dev_1 never_connected raised",
                ])
            try await fixture.addState(of: "dev_1")
            try await fixture.occur(
                AppConnected(deviceId: "dev_1", appVersion: "1", deviceModel: "", osVersion: ""))
            #expect(try await fixture.announcements().last == "dev_1 never_connected cleared")
        }
    }
}

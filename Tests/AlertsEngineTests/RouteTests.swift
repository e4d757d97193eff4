import AlertsEngineRoutes
import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import AlertsEngine

@Suite("The alert routes") @Loop struct RouteTests {
    @Test("show every device of the organization, and no other's")
    func batch() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.addDevice("dev_2")
            try await fixture.addDevice("dev_3", to: "rival")
            try await fixture.setState(of: "dev_2", "cover_open_since = '2026-04-25T08:42:11.503Z'")
            let answer = try await fixture.service.call(AlertsEngineRoutes.alerts.route, as: fixture.key())
            #expect(answer.status == 200)
            #expect(
                answer.json == [
                    "alerts": [
                        "dev_1": [],
                        "dev_2": [
                            [
                                "type": "cover_open", "severity": "error", "message": "Cover is open",
                                "deviceId": "dev_2", "deviceName": "POS dev_2",
                                "detectedAt": "2026-04-25T08:42:11.503Z",
                            ]
                        ],
                    ]
                ])
        }
    }

    @Test("leave out devices without an alert of the severity that is asked for")
    func filtered() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.addDevice("dev_2")
            try await fixture.setState(of: "dev_2", "cover_open_since = now(), paper_near_end_since = now()")
            let route = AlertsEngineRoutes.alerts.route
            let errors = try await fixture.service.call(route, as: fixture.key(), query: ["severity": "error"])
            #expect(errors.json["alerts"]?["dev_1"] == nil)
            #expect(errors.json["alerts"]?["dev_2"]?.array?.count == 1)
            let infos = try await fixture.service.call(route, as: fixture.key(), query: ["severity": "info"])
            #expect(infos.json == ["alerts": [:]])
            let wrong = try await fixture.service.call(route, as: fixture.key(), query: ["severity": "fatal"])
            #expect(wrong.status == 400)
            #expect(wrong.paths == ["query.severity"])
        }
    }

    @Test("show ten thousand devices in the order of their ids, in one round trip to the database")
    func tenThousand() async throws {
        try await AlertsFixture.run { fixture in
            _ = try await fixture.database.query(
                """
                INSERT INTO org.devices (
                    device_id, org_id, location_id, name, protocol, transport, connection_params, created_at)
                SELECT 'dev_' || n, 'acme', 'loc_acme', 'POS', 'datecs', 'tcp', '{}', now() - interval '2 days'
                FROM generate_series(1, 10000) AS n
                """)
            let before = fixture.pool.roundTrips
            let answer = try await fixture.service.call(AlertsEngineRoutes.alerts.route, as: fixture.key())
            #expect(fixture.pool.roundTrips - before == 1)
            let devices = answer.json["alerts"]?.object?.members.map(\.name) ?? []
            #expect(devices.count == 10_000)
            #expect(devices == devices.sorted())
            #expect(
                answer.json["alerts"]?["dev_9999"]?.array?.map { $0["type"] } == ["disconnected", "z_report_overdue"])
        }
    }

    @Test("show one device, and hide another organization's")
    func single() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.setState(
                of: "dev_1", "paper_near_end_since = '2026-04-25T10:00:00Z', paper_end_since = '2026-04-25T10:30:00Z'")
            let route = AlertsEngineRoutes.deviceAlerts.route
            let own = try await fixture.service.call(route, as: fixture.key(), path: ["deviceId": "dev_1"])
            #expect(own.json["alerts"]?.array?.map { $0["detectedAt"] } == ["2026-04-25T10:00:00.000Z"])
            let foreign = try await fixture.service.call(
                route, as: fixture.key(of: "rival"), path: ["deviceId": "dev_1"])
            #expect(foreign.status == 404)
        }
    }
}

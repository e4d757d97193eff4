import AlertsEngineRoutes
import Bus
import EventLoop
import JSON
import Models
import Postgres
import TestSupport
import Testing

@testable import AlertsEngine

/// The service on a database with two organizations; what other services own is written in their stead.
@Loop struct AlertsFixture {
    let service: ServiceFixture
    let pool: PostgresPool
    let announcer: Announcer
    var database: PostgresPool { service.database }

    static func run(
        rules: [AlertRule] = AlertCatalogue.rules, _ body: @Loop (AlertsFixture) async throws -> Void
    ) async throws {
        func mount(_ pool: PostgresPool, _ bus: Bus) {
            Handlers(store: DeviceStore(pool: pool), rules: rules).mount(on: bus)
        }
        try await ServiceFixture.run(.alertsEngine, role: "ebon_alerts", mount: mount) { service in
            let fixture = AlertsFixture(
                service: service, pool: service.pool, announcer: Announcer(pool: service.pool, rules: rules))
            for name in ["acme", "rival"] {
                _ = try await fixture.database.atomically([
                    ("INSERT INTO org.organizations (org_id, name, cui) VALUES ($1, $1, 'RO12345678')", [name]),
                    (
                        """
                        INSERT INTO org.locations (location_id, org_id, name, address)
                        VALUES ('loc_' || $1, $1, 'Sediu', 'Str. Lipscani 12')
                        """, [name]
                    ),
                ])
            }
            try await body(fixture)
        }
    }

    /// A device that was created, seen and closed its day a minute ago, on a socket that is open.
    func addDevice(_ device: DeviceID, to organization: OrgID = "acme") async throws {
        _ = try await database.atomically([
            (
                """
                INSERT INTO org.devices (
                    device_id, org_id, location_id, name, protocol, transport, connection_params, created_at)
                VALUES ($1, $2, 'loc_' || $2, 'POS ' || $1, 'datecs', 'tcp', '{}', now() - interval '1 minute')
                """, [device, organization]
            ),
            (
                """
                INSERT INTO dispatch.lanes (device_id, org_id, last_z_report_at)
                VALUES ($1, $2, now() - interval '1 minute')
                """, [device, organization]
            ),
        ])
        try await addState(of: device, in: organization)
    }

    /// A socket of the device that is open.
    func addState(of device: DeviceID, in organization: OrgID = "acme") async throws {
        _ = try await database.atomically([
            (
                """
                INSERT INTO gateway.device_states (
                    device_id, org_id, epoch, session, instance, connected, busy, connected_at, last_seen, app_version,
                    device_model, os_version)
                VALUES ($1, $2, 1, 's', 'gateway-1', true, false, now(), now() - interval '1 minute', '1', '', '')
                """, [device, organization]
            ),
            (
                "INSERT INTO gateway.instances VALUES ('gateway-1', now() + interval '1 hour') ON CONFLICT DO NOTHING",
                []
            ),
        ])
    }

    func setState(of device: DeviceID, _ assignment: String) async throws {
        _ = try await database.query(
            Statement("UPDATE gateway.device_states SET \(assignment) WHERE device_id = $1"), [device])
    }

    func occur<Event: EventData>(_ event: Event, request: String? = nil) async throws {
        try await handle([happened(event, request: request)])
    }

    func happened<Event: EventData>(_ event: Event, request: String? = nil) throws -> OutboxEvent {
        OutboxEvent(
            id: EventID("evt_\(Event.type)"), orgId: "acme", type: Event.type.rawValue, requestId: request,
            createdAt: .now(), data: try JSON(encoding: event))
    }

    func handle(_ events: [OutboxEvent]) async throws {
        let handled: Void? = try await eventually {
            try await announcer.consumer.betweenBatches { try await announcer.handle(events, $0) }
        }
        #expect(handled != nil)
        announcer.committed()
    }

    /// Looks at everything that is due, by this fixture's announcer or another one.
    func announceDue(by other: Announcer? = nil) async throws {
        while let pause = try await (other ?? announcer).announceDue(), pause <= .milliseconds(100) {}
    }

    /// What was announced so far, oldest first.
    func announcements() async throws -> [String] {
        try await database.query("SELECT data, request_id FROM bus.outbox WHERE type = 'device.alert' ORDER BY xid, id")
            .map {
                let change: DeviceAlertChanged = try $0.decoded("data")
                let request: String? = try $0.optional("request_id")
                return "\(change.deviceId) \(change.alert.type.rawValue) \(change.state.rawValue)"
                    + (request.map { " \($0)" } ?? "")
            }
    }

    /// Lets the moment come for which a device is scheduled.
    func makeDue(_ device: DeviceID) async throws {
        _ = try await database.query(
            "UPDATE alerts.schedule SET due_at = now() - interval '1 second' WHERE device_id = $1", [device])
    }

    func key(of organization: OrgID = "acme") -> Caller {
        Caller(apiKeyId: "apikey_1", orgId: organization, plan: .free, scopes: [.devicesRead])
    }
}

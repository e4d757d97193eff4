import Bus
import Crypto
import Curl
import EventLoop
import JSON
import Models
import Postgres
import ServiceRuntime
import TestSupport

@testable import NotificationMailer

/// The mailer on a database with two organizations, and a real mail server.
@Loop struct MailerFixture {
    nonisolated static let secrets = MailedLinks(keys: SigningKeys(current: Array(repeating: 9, count: 32)))
    nonisolated static let portal = PortalLinks(base: "https://portal.e-bon.example", secrets: secrets)

    /// A superuser's view of the database.
    let database: PostgresPool
    let pool: PostgresPool
    let store: JobStore
    let server: SMTPFixture

    static func run(_ mode: String = "accept", _ body: @Loop (MailerFixture) async throws -> Void) async throws {
        let postgres = try await PostgresServer.shared()
        let name = try await postgres.createMigratedDatabase()
        let (database, pool) = (postgres.pool(name), postgres.pool(name, role: "ebon_mailer"))
        for organization in ["acme", "rival"] {
            _ = try await database.atomically([
                (
                    "INSERT INTO org.organizations (org_id, name, cui) VALUES ($1, upper($1), 'RO12345678')",
                    [organization]
                ),
                (
                    """
                    INSERT INTO org.notification_subscribers (org_id, email, categories)
                    VALUES ($1, 'owner@' || $1 || '.example', '{reports,alerts,billing,device_events,analytics}'),
                        ($1, 'accounts@' || $1 || '.example', '{billing}')
                    """, [organization]
                ),
                (
                    "INSERT INTO org.locations (location_id, org_id, name, address) VALUES ('loc_' || $1, $1, 'L', 'L')",
                    [organization]
                ),
            ])
        }
        _ = try await database.query(
            """
            INSERT INTO org.devices (device_id, org_id, location_id, name, protocol, transport, connection_params)
            VALUES ('dev_1', 'acme', 'loc_acme', 'Casa 1 – București', 'datecs', 'tcp', '{}')
            """)
        try await SMTPFixture.run(mode) { server in
            let fixture = MailerFixture(
                database: database, pool: pool, store: JobStore(pool: pool, instance: "mailer-1"), server: server)
            try await body(fixture)
        }
        await pool.close()
        await database.close()
    }

    func courier(_ instance: String = "mailer-1", liveness: Liveness = Liveness(limit: .seconds(600))) -> Courier {
        Courier(
            store: JobStore(pool: pool, instance: instance), liveness: liveness, portal: Self.portal,
            client: SMTPClient(server: SMTPServer("smtp://127.0.0.1:\(server.port)")!),
            sender: Mailbox(name: "e-bon", address: "no-reply@e-bon.example"),
            unsubscribe: "mailto:no-reply@e-bon.example", metrics: Metrics())
    }

    /// Hands in what is due, until nothing is.
    func deliver(liveness: Liveness = Liveness(limit: .seconds(600))) async throws {
        let courier = courier(liveness: liveness)
        courier.wake()
        await courier.stop(deadline: Loop.now + .seconds(10))
    }

    func event(
        _ state: DeviceAlertChanged.State, _ type: AlertType = "cover_open", id: EventID = "evt_1",
        at moment: Timestamp = .now(), since detectedAt: Timestamp = "2026-04-26T15:30:12.345Z"
    ) throws -> OutboxEvent {
        let alert = Alert(
            type: type, severity: .error, message: "Cover is open", deviceId: "dev_1", deviceName: "Casa 1 – București",
            detectedAt: detectedAt)
        return OutboxEvent(
            id: id, orgId: "acme", type: DeviceAlertChanged.type.rawValue, requestId: "req_1", createdAt: moment,
            data: try JSON(encoding: DeviceAlertChanged(deviceId: "dev_1", alert: alert, state: state)))
    }

    func subscribe(_ categories: String) async throws {
        _ = try await database.query(
            "UPDATE org.notification_subscribers SET categories = $1::text[] WHERE email = 'owner@acme.example'",
            [categories])
    }

    func event(_ data: some EventData, id: EventID = "evt_1", at moment: Timestamp = .now()) throws -> OutboxEvent {
        OutboxEvent(
            id: id, orgId: "acme", type: type(of: data).type.rawValue, requestId: "req_1", createdAt: moment,
            data: try JSON(encoding: data))
    }

    /// As the consumer does: each event in a batch of its own, at its own time.
    func handle(_ events: OutboxEvent...) async throws {
        for event in events { try await handle(batch: [event], at: event.createdAt) }
    }

    func handle(batch: [OutboxEvent], at now: Timestamp = .now()) async throws {
        try await pool.transaction { try await JobIntake.handle(batch, $0, at: now) }
    }

    /// Makes jobs of what is due at that moment, and claims none.
    func tell(at moment: Timestamp = .now()) async throws {
        _ = try await pool.atomically([Conditions.tell(100, at: moment)])
    }

    /// `recipient status attempts` of each job.
    func jobs() async throws -> [String] {
        try await database.query("SELECT recipient, status, attempts FROM mailer.jobs ORDER BY wanted_at, recipient")
            .map {
                "\(try $0.string("recipient")) \(try $0.string("status")) \(try $0.int("attempts"))"
            }
    }

    /// `kind status` of each job, in the order in which they were wanted.
    func kinds() async throws -> [String] {
        try await database.query("SELECT kind, status FROM mailer.jobs ORDER BY wanted_at, recipient")
            .map { "\(try $0.string("kind")) \(try $0.string("status"))" }
    }

    /// The nth mail that the server took, as another program understands it.
    func mail(_ number: Int) throws -> JSON? {
        try server.accepted("parsed-\(number)").map { try JSON(parsing: Array($0.utf8)) }
    }
}

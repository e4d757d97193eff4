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
    static let secrets = MailedLinks(keys: SigningKeys(current: Array(repeating: 9, count: 32)))
    static let portal = PortalLinks(base: "https://portal.e-bon.example", secrets: secrets)

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
                    VALUES ($1, 'owner@' || $1 || '.example', '{alerts,billing}'),
                        ($1, 'accounts@' || $1 || '.example', '{billing}')
                    """, [organization]
                ),
            ])
        }
        try await SMTPFixture.run(mode) { server in
            let fixture = MailerFixture(database: database, pool: pool, store: JobStore(pool: pool), server: server)
            try await body(fixture)
        }
        await pool.close()
        await database.close()
    }

    func courier() -> Courier {
        Courier(
            store: store, catalogue: MailCatalogue(portal: Self.portal),
            client: SMTPClient(server: SMTPServer("smtp://127.0.0.1:\(server.port)")!),
            sender: Mailbox(name: "e-bon", address: "no-reply@e-bon.example"),
            unsubscribe: "mailto:no-reply@e-bon.example", metrics: Metrics())
    }

    /// Hands in what is due, until nothing is.
    func deliver() async throws {
        let courier = courier()
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

    func deletion() throws -> OutboxEvent {
        OutboxEvent(
            id: "evt_deleted", orgId: "acme", type: DeviceDeleted.type.rawValue, requestId: "req_2", createdAt: .now(),
            data: try JSON(encoding: DeviceDeleted(deviceId: "dev_1")))
    }

    func handle(_ events: OutboxEvent...) async throws {
        try await pool.transaction { try await JobIntake.handle(events, $0) }
    }

    /// `recipient status attempts` of each job.
    func jobs() async throws -> [String] {
        try await database.query("SELECT recipient, status, attempts FROM mailer.jobs ORDER BY wanted_at, recipient")
            .map {
                "\(try $0.string("recipient")) \(try $0.string("status")) \(try $0.int("attempts"))"
            }
    }

    /// The nth mail that the server took, as another program understands it.
    func mail(_ number: Int) throws -> JSON? {
        try server.accepted("parsed-\(number)").map { try JSON(parsing: Array($0.utf8)) }
    }
}

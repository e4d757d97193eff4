import Bus
import Crypto
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres
import ServiceRuntime
import TestSupport
import Testing

@testable import OrgLocations

/// The service with two organizations, `acme` and `rival`, each with one location.
@Loop struct OrgFixture {
    static let password = "correct horse battery staple"
    static let links = MailedLinks(keys: SigningKeys(current: Array(repeating: 8, count: 32)))
    static let tokens = JSONWebTokens.portal(keys: SigningKeys(current: Array(repeating: 7, count: 32)))

    let service: ServiceFixture
    let metrics: Metrics
    var database: PostgresPool { service.database }

    static func run(
        limits: LoginLimits = LoginLimits(), _ body: @Loop (OrgFixture, OrgLocations) async throws -> Void
    ) async throws {
        var made: OrgLocations?
        let metrics = Metrics()
        func mount(_ pool: PostgresPool, _ bus: Bus) {
            let service = OrgLocations(
                pool: pool, bus: bus, tokens: tokens, links: links, limits: limits, metrics: metrics)
            service.mount()
            made = service
        }
        try await ServiceFixture.run(.orgLocations, role: "ebon_org", mount: mount) { service in
            let fixture = OrgFixture(service: service, metrics: metrics)
            try await fixture.seed()
            if let made { try await body(fixture, made) }
        }
    }

    private func seed() async throws {
        let hash = try await PasswordHash.make(of: Self.password)
        for name in ["acme", "rival"] {
            _ = try await database.atomically([
                ("INSERT INTO org.organizations (org_id, name, cui) VALUES ($1, $1, 'RO12345678')", [name]),
                (
                    """
                    INSERT INTO org.users (user_id, org_id, email, password_hash, role)
                    VALUES ('usr_' || $1, $1, 'owner@' || $1 || '.example', $2, 'owner')
                    """, [name, hash]
                ),
                (
                    """
                    INSERT INTO org.locations (location_id, org_id, name, address)
                    VALUES ('loc_' || $1, $1, 'Sediu', 'Str. Lipscani 12')
                    """, [name]
                ),
            ])
        }
    }

    /// A key that may do everything.
    func key(of organization: OrgID = "acme") -> Caller {
        Caller(apiKeyId: "apikey_1", orgId: organization, plan: .free, scopes: [.all])
    }

    func owner(of organization: OrgID = "acme", session: String = "ses_1") -> Caller {
        Caller(
            userId: UserID("usr_\(organization)"), role: .owner, sessionId: session, orgId: organization, plan: .free)
    }

    /// Adds a member `usr_<name>` with the address `<name>@acme.example`, and returns them as they would call.
    func member(_ name: String, _ role: Role) async throws -> Caller {
        _ = try await database.query(
            """
            INSERT INTO org.users (user_id, org_id, email, password_hash, role)
            VALUES ('usr_' || $1, 'acme', $1 || '@acme.example', '', $2)
            """, [name, role.rawValue])
        return Caller(
            userId: UserID("usr_\(name)"), role: role, sessionId: "ses_\(name)", orgId: "acme", plan: .free)
    }

    func openSession(_ session: String, of user: String) async throws {
        _ = try await database.query(
            """
            INSERT INTO org.sessions (session_id, org_id, user_id, family_sha256, generation_sha256, expires_at)
            SELECT $1, org_id, user_id, $3, $3, now() + interval '1 hour' FROM org.users WHERE user_id = $2
            """, [session, user, RefreshToken().familyDigest])
    }

    /// Carries out `statement` in a transaction that commits only when the database makes `action` wait for it.
    func whileUncommitted<Value: Sendable>(
        _ statement: Statement, _ values: [(any PostgresValue)?], _ action: @escaping @Loop () async throws -> Value
    ) async throws -> Value {
        try await database.transaction { transaction in
            _ = try await transaction.query(statement, values)
            let task = Task.immediate { @Loop in try await action() }
            let blocked: Bool? = try await eventually {
                try await database.query(
                    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                ).isEmpty ? nil : true
            }
            #expect(blocked == true)
            return task
        }.value
    }

    /// The actions that were written down, oldest first, as `action subject`.
    func audited() async throws -> [String] {
        try await database.query("SELECT action || ' ' || subject_id AS entry FROM org.audit ORDER BY id")
            .map { try $0.string("entry") }
    }

    /// How often argon2 has run.
    var passwordHashes: Int {
        let lines = metrics.exposition().split(separator: "\n")
        return lines.last { $0.hasPrefix("ebon_org_password_hashes_total") }
            .flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    }

    func grant(_ plan: Plan, to organization: OrgID = "acme") async throws {
        _ = try await database.query(
            """
            INSERT INTO billing.plan_grants (org_id, plan, reason) VALUES ($1, $2, 'test')
            ON CONFLICT (org_id) DO UPDATE SET plan = excluded.plan
            """, [organization, plan.rawValue])
    }

    static func newDevice(location: String = "loc_acme") -> JSON {
        [
            "name": "Tejghea POS 1", "protocol": "datecs_compact", "transport": "tcp", "locationId": .string(location),
            "connectionParams": ["host": "192.168.1.50", "port": 9100],
        ]
    }

    func addLocation(_ id: String, to organization: OrgID = "acme") async throws {
        _ = try await database.query(
            "INSERT INTO org.locations (location_id, org_id, name, address) VALUES ($1, $2, 'Depozit', 'Str. Horea 1')",
            [id, organization])
    }

    /// Registers a device and returns its id.
    func register(as caller: Caller? = nil) async throws -> String {
        let answer = try await service.call(
            OrgLocationsRoutes.createDevice.route, as: caller ?? key(), body: Self.newDevice())
        return answer.json["id"]?.string ?? ""
    }
}

import Crypto
import EventLoop
import HTTP
import JSON
import Models
import Postgres
import TestSupport

/// An organization with a key for each scope and a user for each role, and a rival that has one of everything.
@Loop struct AccessOrganizations {
    let cloud: Cloud
    let system: EverydayStack
    let home: StackVariables
    let rival: StackVariables
    /// The ids of everything that the rival has.
    let rivalIds: [String]
    /// Credentials that were good once, or look as if they were.
    let refused: [(name: String, credential: HTTPHeaders)]
    private let tokens: JSONWebTokens

    private static var made: Task<AccessOrganizations, any Error>?

    static func shared() async throws -> AccessOrganizations {
        if let made { return try await made.value }
        let task = Task { @Loop in try await AccessOrganizations(EverydayStack.shared()) }
        made = task
        return try await task.value
    }

    private init(_ system: EverydayStack) async throws {
        self.system = system
        cloud = try Cloud(system.stack, credential: [:])
        home = try await system.stack.makeOrganization("access_home")
        rival = try await system.stack.makeOrganization("access_rival")
        let tokens = JSONWebTokens.portal(keys: SigningKeys(current: Array(system.stack.variables.jwtSecret.utf8)))
        self.tokens = tokens
        let books = Books(system.stack)
        try await Self.addPeopleAndKeys(to: home, books.database)
        try await Self.act(as: rival, cloud)
        rivalIds = try await Self.ids(of: rival, books.database)
        await books.close()
        refused = try await Self.refusedCredentials(
            of: home, cloud, secret: Array(system.stack.variables.jwtSecret.utf8))
    }

    /// A key of the home organization that has this scope only.
    func key(_ scope: Scope) -> HTTPHeaders { ["x-api-key": Self.key(scope, of: home)] }

    /// A session of the home organization's user with this role; each number is a session of its own.
    func user(_ role: Role, session: Int = 0) -> HTTPHeaders {
        Self.bearer(
            tokens, user: "usr_access_\(role.rawValue)", of: home.organization,
            session: "ses_\(role.rawValue)_\(session)")
    }

    /// What `key` and `user` say to the edge.
    func caller(_ scope: Scope) -> Caller {
        Caller(apiKeyId: "apikey_access", orgId: OrgID(home.organization), plan: .enterprise, scopes: [scope])
    }

    func caller(_ role: Role) -> Caller {
        Caller(userId: "usr_access", role: role, sessionId: "ses", orgId: OrgID(home.organization), plan: .enterprise)
    }

    static let sessionsOfEachRole = 500
}

extension AccessOrganizations {
    static func bearer(
        _ tokens: JSONWebTokens, user: String, of organization: String, session: String, lifetime: Int64 = 900
    ) -> HTTPHeaders {
        let now = Timestamp.now().milliseconds / 1000
        let token = JSONWebToken(
            subject: user, organization: organization, role: "owner", session: session, issuedAt: now - 1000,
            expiresAt: now + lifetime)
        return ["Authorization": "Bearer \(tokens.sign(token))"]
    }

    private static func key(_ scope: Scope, of organization: StackVariables) -> String {
        "ebon_live_\(organization.organization)_\(Hex.encode(Array(SHA256.hash(Array(scope.rawValue.utf8))[..<16])))"
    }

    private static func addPeopleAndKeys(to organization: StackVariables, _ database: PostgresPool) async throws {
        for scope in Scope.allCases {
            _ = try await database.query(
                """
                INSERT INTO org.api_keys (api_key_id, org_id, key_sha256, prefix, label, scopes)
                VALUES ($1, $2, $3, 'ebon_live_', $1, ARRAY[$4])
                """,
                [
                    "apikey_access_\(scope.rawValue)", organization.organization,
                    Hex.encode(SHA256.hash(Array(key(scope, of: organization).utf8))), scope.rawValue,
                ])
        }
        for role in Role.allCases {
            _ = try await database.query(
                """
                WITH person AS (
                    INSERT INTO org.users (user_id, org_id, email, password_hash, role)
                    VALUES ('usr_access_' || $2, $1, $2 || '@access.example', '', $2)
                    RETURNING user_id
                )
                INSERT INTO org.sessions (session_id, org_id, user_id, family_sha256, generation_sha256, expires_at)
                SELECT 'ses_' || $2 || '_' || n, $1, user_id, encode(sha256(($2 || n)::bytea), 'hex'),
                    encode(sha256('g'), 'hex'), now() + interval '1 hour'
                FROM person, generate_series(0, $3::integer) AS n
                """, [organization.organization, role.rawValue, sessionsOfEachRole])
        }
    }

    /// The organization gets what can be made over the interface only.
    private static func act(as organization: StackVariables, _ cloud: Cloud) async throws {
        let key: HTTPHeaders = ["x-api-key": organization.apiKey]
        _ = try await cloud.post(
            "/api/v1/devices/\(organization.device)/commands", ["type": "open_drawer"], headers: key)
        _ = try await cloud.post(
            "/api/v1/receipts",
            [
                "deviceId": .string(organization.device), "type": "sale", "total": 18,
                "items": [["name": "Cafea", "quantity": 2, "price": 9, "vatRate": 0]],
                "payments": [["method": "cash", "amount": 18]], "fiscalId": "access-1",
                "vatBreakdown": [["rate": 0, "base": 18, "vat": 0]],
            ], headers: key)
    }

    /// The values of every column that names a thing, in every table that belongs to organizations.
    private static func ids(of organization: StackVariables, _ database: PostgresPool) async throws -> [String] {
        let columns = try await database.query(
            """
            SELECT DISTINCT c.table_schema AS schema, c.table_name AS relation, c.column_name AS name
            FROM information_schema.columns AS c
            JOIN information_schema.columns AS o USING (table_schema, table_name)
            JOIN information_schema.tables AS t USING (table_schema, table_name)
            WHERE o.column_name = 'org_id' AND c.column_name LIKE '%\\_id' AND c.data_type = 'text'
                AND t.table_type = 'BASE TABLE' AND c.table_schema IN ('org', 'dispatch', 'gateway', 'alerts', 'billing')
            """, [])
        var ids: Set<String> = []
        for column in columns {
            let (schema, relation, name) = try (
                column.string("schema"), column.string("relation"), column.string("name")
            )
            let rows = try await database.query(
                Statement(
                    "SELECT DISTINCT \(name) AS id FROM \(schema).\(relation) WHERE org_id = $1 AND \(name) <> ''"),
                [organization.organization])
            for row in rows { ids.insert(try row.string("id")) }
        }
        return ids.sorted()
    }
}

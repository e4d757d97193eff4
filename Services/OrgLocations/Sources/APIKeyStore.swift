import Crypto
import EventLoop
import Models
import OrgLocationsRoutes
import Postgres

/// The API keys of an organization; of the secrets only digests.
@Loop struct APIKeyStore {
    /// The list is answered whole.
    static let limit = 500

    let pool: PostgresPool

    func keys(of orgId: OrgID) async throws(PostgresError) -> [APIKey] {
        let rows = try await pool.query(
            """
            SELECT * FROM org.api_keys WHERE org_id = $1 ORDER BY created_at DESC, api_key_id DESC
            """, [orgId])
        return try rows.map(APIKey.init)
    }

    func key(_ id: APIKeyID, of orgId: OrgID) async throws(PostgresError) -> APIKey? {
        let rows = try await pool.query(
            "SELECT * FROM org.api_keys WHERE org_id = $1 AND api_key_id = $2", [orgId, id])
        return try rows.first.map(APIKey.init)
    }

    func plan(of orgId: OrgID) async throws(PostgresError) -> Plan {
        let rows = try await pool.query(
            "SELECT billing.plan_of($1) AS plan", [orgId])
        return try rows[0].raw("plan")
    }

    enum Creation {
        case created(APIKey)
        case notPermitted
        case notInPlan(Plan)
        case full
    }

    /// The organization's row is locked before its keys are counted, as it is before its devices are, and before the
    /// role is looked at: an edge may let in for some seconds who has lost it.
    func create(
        _ secret: APIKeySecret, _ key: NewAPIKey, as actor: Actor
    ) async throws(PostgresError) -> Creation {
        var scopes: [Scope] = []
        for scope in key.scopes where !scopes.contains(scope) { scopes.append(scope) }
        let values: [(any PostgresValue)?] = [
            secret.orgId, Plan.allCases.filter(\.includesAPIKeys).map(\.rawValue), Self.limit,
            Random.identifier(prefix: "apikey"), secret.digest, secret.prefix, key.label, scopes.map(\.rawValue),
            actor.id, actor.requestId, Role.administrators.map(\.rawValue),
        ]
        let answers = try await pool.atomically([
            ("SELECT FROM org.organizations WHERE org_id = $1 FOR NO KEY UPDATE", [secret.orgId]),
            (Self.create, values),
        ])
        let row = answers[1][0]
        guard try row.bool("is_permitted") else { return .notPermitted }
        let plan: Plan = try row.raw("plan")
        guard plan.includesAPIKeys else { return .notInPlan(plan) }
        return try row.bool("is_full") ? .full : .created(try APIKey(row))
    }

    /// Nil for a key that the organization does not have.
    func change(
        _ id: APIKeyID, of orgId: OrgID, _ change: APIKeyChange, as actor: Actor
    ) async throws(PostgresError) -> APIKey? {
        let rows = try await pool.query(
            Self.change, [orgId, id, change.label, change.active, actor.id, actor.requestId])
        return try rows.first.map(APIKey.init)
    }

    /// False for a key that the organization does not have.
    func revoke(_ id: APIKeyID, of orgId: OrgID, as actor: Actor) async throws(PostgresError) -> Bool {
        let rows = try await pool.query(
            """
            WITH revoked AS (
                DELETE FROM org.api_keys WHERE org_id = $1 AND api_key_id = $2 RETURNING *
            ), audited AS (
                INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
                SELECT org_id, $3, 'api_key.revoke', api_key_id, $4, jsonb_build_object('label', label) FROM revoked
            )
            SELECT FROM revoked
            """, [orgId, id, actor.id, actor.requestId])
        return !rows.isEmpty
    }

    private static let create: Statement = """
        WITH allowance AS (
            SELECT plan, (SELECT count(*) FROM org.api_keys WHERE org_id = $1) >= $3 AS is_full,
                EXISTS (
                    SELECT FROM org.users WHERE org_id = $1 AND user_id = $9 AND role = ANY ($11::text[])
                ) AS is_permitted
            FROM (SELECT billing.plan_of($1) AS plan) plan
        ), created AS (
            INSERT INTO org.api_keys (org_id, api_key_id, key_sha256, prefix, label, scopes, created_by)
            SELECT $1, $4, $5, $6, $7, $8::text[], $9
            FROM allowance
            WHERE is_permitted AND plan = ANY ($2::text[]) AND NOT is_full
            RETURNING *
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, $9, 'api_key.create', api_key_id, $10, jsonb_build_object('label', label, 'scopes', scopes)
            FROM created
        )
        SELECT a.is_permitted, a.plan, a.is_full, c.* FROM allowance a LEFT JOIN created c ON true
        """

    private static let change: Statement = """
        WITH held AS (
            SELECT * FROM org.api_keys WHERE org_id = $1 AND api_key_id = $2 FOR UPDATE
        ), changed AS (
            UPDATE org.api_keys k
            SET label = coalesce($3, k.label), active = coalesce($4, k.active)
            FROM held h
            WHERE k.org_id = h.org_id AND k.api_key_id = h.api_key_id
                AND (h.label, h.active) IS DISTINCT FROM (coalesce($3, h.label), coalesce($4, h.active))
            RETURNING k.*
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, $5, 'api_key.update', api_key_id, $6, jsonb_build_object('label', label, 'active', active)
            FROM changed
        )
        SELECT * FROM changed UNION ALL SELECT * FROM held WHERE NOT EXISTS (SELECT FROM changed)
        """
}

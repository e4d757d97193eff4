import EventLoop
import Models
import Postgres

/// What a credential may do now: one statement each, because the edges ask for whatever they have not cached.
@Loop struct CredentialStore {
    let pool: PostgresPool

    /// Nil for a key that is unknown, revoked or inactive.
    func caller(keySHA256: String) async throws(PostgresError) -> Caller? {
        let rows = try await pool.query(
            """
            SELECT k.api_key_id, k.org_id, k.scopes, billing.plan_of(k.org_id) AS plan
            FROM org.api_keys k
            WHERE k.key_sha256 = $1 AND k.active
            """, [keySHA256])
        guard let row = rows.first else { return nil }
        // A scope that this version does not know grants nothing.
        let scopes = try row.value("scopes", as: [String].self).compactMap(Scope.init)
        return Caller(
            apiKeyId: try row.value("api_key_id"), orgId: try row.value("org_id"), plan: try row.raw("plan"),
            scopes: scopes)
    }

    /// Nil for a session that has ended or expired.
    func caller(session: SessionID) async throws(PostgresError) -> Caller? {
        let rows = try await pool.query(
            """
            SELECT s.org_id, s.user_id, u.role, billing.plan_of(s.org_id) AS plan
            FROM org.sessions s
            JOIN org.users u USING (org_id, user_id)
            WHERE s.session_id = $1 AND s.revoked_at IS NULL AND s.expires_at > now()
            """, [session])
        guard let row = rows.first else { return nil }
        return Caller(
            userId: try row.value("user_id"), role: try row.raw("role"), sessionId: session.rawValue,
            orgId: try row.value("org_id"), plan: try row.raw("plan"))
    }

    /// In the order of the keys: two replicas that write the same ones must not wait for each other.
    func recordUse(of keys: [APIKeyID: Timestamp]) async throws(PostgresError) {
        let uses = keys.sorted { $0.key.rawValue < $1.key.rawValue }
        _ = try await pool.query(
            """
            UPDATE org.api_keys k
            SET last_used_at = greatest(k.last_used_at, used.at)
            FROM unnest($1::text[], $2::timestamptz[]) AS used (api_key_id, at)
            WHERE k.api_key_id = used.api_key_id
            """, [uses.map(\.key), uses.map(\.value)])
    }
}

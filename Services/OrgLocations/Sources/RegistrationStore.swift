import Crypto
import EventLoop
import Models
import OrgLocationsRoutes
import Postgres

/// New organizations, each with its owner.
@Loop struct RegistrationStore {
    /// So many registrations of one name at the same moment that all three spare ids are taken do not happen.
    private static let attempts = 4

    let pool: PostgresPool

    func isKnown(email: String) async throws(PostgresError) -> Bool {
        try await !pool.query("SELECT FROM org.users WHERE lower(email) = lower($1)", [email]).isEmpty
    }

    /// Nil when the e-mail address is somebody's already.
    func register(
        _ account: NewAccount, passwordHash: String, session: NewSession, client: String, requestId: String
    ) async throws(PostgresError) -> UserIdentity? {
        let slug = OrganizationSlug(name: account.companyName)
        for _ in 1..<Self.attempts {
            do {
                return try await insert(account, slug, passwordHash, session, client, requestId)
            } catch .violation("users_email_key", _) {
                return nil
            } catch .violation("organizations_pkey", _) {
                // Somebody was faster; what is free is looked up again.
            }
        }
        return try await insert(account, slug, passwordHash, session, client, requestId)
    }

    private func insert(
        _ account: NewAccount, _ slug: OrganizationSlug, _ passwordHash: String, _ session: NewSession,
        _ client: String, _ requestId: String
    ) async throws(PostgresError) -> UserIdentity {
        let rows = try await pool.query(
            Self.insert,
            [
                slug.candidates, account.companyName, account.cui, Random.identifier(prefix: "usr"), account.email,
                passwordHash, Random.identifier(prefix: "loc"), account.address, session.id,
                session.token.familyDigest, session.token.generationDigest, RefreshToken.lifetimeSeconds, requestId,
                client,
            ])
        return try UserIdentity(rows[0])
    }

    private static let insert = Statement(
        """
        WITH organization AS (
            INSERT INTO org.organizations (org_id, name, cui)
            SELECT candidate, $2, $3
            FROM unnest($1::text[]) WITH ORDINALITY AS candidates (candidate, position)
            WHERE NOT EXISTS (SELECT FROM org.organizations WHERE org_id = candidate)
            ORDER BY position
            LIMIT 1
            RETURNING org_id
        ), owner AS (
            INSERT INTO org.users (user_id, org_id, email, password_hash, role)
            SELECT $4, org_id, $5, $6, 'owner' FROM organization
            RETURNING user_id, org_id, role, email
        ), location AS (
            INSERT INTO org.locations (location_id, org_id, name, address)
            SELECT $7, org_id, 'Sediu principal', $8::text FROM organization WHERE $8 <> ''
        ), subscriber AS (
            INSERT INTO org.notification_subscribers (org_id, email, categories)
            SELECT org_id, email, '{reports,alerts,billing,device_events,analytics}' FROM owner
        ), session AS (
            INSERT INTO org.sessions (session_id, org_id, user_id, family_sha256, generation_sha256, expires_at)
            SELECT $9, org_id, user_id, $10, $11, now() + make_interval(secs => $12::bigint) FROM owner
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id)
            SELECT org_id, user_id, 'organization.register', org_id, $13 FROM owner
        ), familiar AS (
            \(LoginAttemptStore.familiar("owner", "$14"))
        )
        SELECT user_id, org_id, role FROM owner
        """)
}

import Crypto
import EventLoop
import Models
import Postgres

/// Who may log in, and who is.
@Loop struct SessionStore {
    let pool: PostgresPool

    struct Account {
        let user: UserIdentity
        let passwordHash: String

        init(_ row: PostgresRow) throws(PostgresError) {
            user = try UserIdentity(row)
            passwordHash = try row.string("password_hash")
        }
    }

    /// False when the password is not the one any more that was compared: whoever changes it ends the sessions that
    /// are open by then, and this one would be missed.
    func open(
        _ session: NewSession, for account: Account, after attempt: LoginAttempt
    ) async throws(PostgresError) -> Bool {
        let rows = try await pool.query(
            Self.open,
            [
                session.id, account.user.orgId, account.user.userId, session.token.familyDigest,
                session.token.generationDigest, RefreshToken.lifetimeSeconds, account.passwordHash, attempt.email,
                attempt.client,
            ])
        return !rows.isEmpty
    }

    private static let open = Statement(
        """
        WITH opened AS (
            INSERT INTO org.sessions (session_id, org_id, user_id, family_sha256, generation_sha256, expires_at)
            SELECT $1, org_id, user_id, $4, $5, now() + make_interval(secs => $6::bigint)
            FROM org.users
            WHERE org_id = $2 AND user_id = $3 AND password_hash = $7
            FOR SHARE
            RETURNING org_id, user_id
        ), forgiven AS (
            DELETE FROM \(LoginAttemptStore.forgiven("$8", "$9")) AND EXISTS (SELECT FROM opened)
        ), familiar AS (
            \(LoginAttemptStore.familiar("opened", "$9"))
        )
        SELECT FROM opened
        """)

    enum Rotation {
        case rotated(UserIdentity, SessionID)
        /// An old token came back: somebody else has a copy. The session is over.
        case reused(OrgID, SessionID)
    }

    /// Nil for a token of no living session.
    func rotate(_ token: RefreshToken, to next: RefreshToken) async throws(PostgresError) -> Rotation? {
        let rows = try await pool.query(
            """
            UPDATE org.sessions s
            SET generation_sha256 = CASE WHEN s.generation_sha256 = $2 THEN $3 ELSE s.generation_sha256 END,
                expires_at = CASE WHEN s.generation_sha256 = $2
                    THEN now() + make_interval(secs => $4::bigint) ELSE s.expires_at END,
                revoked_at = CASE WHEN s.generation_sha256 = $2 THEN NULL ELSE now() END,
                refreshed_at = now()
            FROM org.users u
            WHERE s.family_sha256 = $1 AND s.revoked_at IS NULL AND s.expires_at > now()
                AND (u.org_id, u.user_id) = (s.org_id, s.user_id)
            RETURNING s.session_id, s.org_id, s.user_id, u.role, s.revoked_at IS NULL AS rotated
            """,
            [token.familyDigest, token.generationDigest, next.generationDigest, RefreshToken.lifetimeSeconds])
        guard let row = rows.first else { return nil }
        let session: SessionID = try row.value("session_id")
        return try row.bool("rotated")
            ? .rotated(try UserIdentity(row), session) : .reused(try row.value("org_id"), session)
    }

    func end(_ session: SessionID, of orgId: OrgID) async throws(PostgresError) {
        _ = try await pool.query(
            """
            UPDATE org.sessions SET revoked_at = now() WHERE org_id = $1 AND session_id = $2 AND revoked_at IS NULL
            """, [orgId, session])
    }

    /// A session whose refresh token has expired can do nothing; a month later nobody asks what became of it.
    func forgetExpired() async throws(PostgresError) {
        _ = try await pool.query("DELETE FROM org.sessions WHERE expires_at < now() - interval '30 days'")
    }
}

struct UserIdentity: Sendable {
    let userId: UserID
    let orgId: OrgID
    let role: Role

    init(_ row: PostgresRow) throws(PostgresError) {
        userId = try row.value("user_id")
        orgId = try row.value("org_id")
        role = try row.raw("role")
    }
}

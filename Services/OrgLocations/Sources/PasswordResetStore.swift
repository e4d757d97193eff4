import EventLoop
import Models
import Postgres

/// Who wants a new password, and may set one.
@Loop struct PasswordResetStore {
    private static let batch = 100
    /// So many links may be open for one account: nobody can fill a mailbox.
    private static let mostPerAccount = 5
    private static let lifetime = Duration.seconds(3600)

    let pool: PostgresPool

    /// Notes that somebody has asked, in the same time for every address.
    func request(email: String, requestId: String) async throws(PostgresError) {
        _ = try await pool.query(
            "INSERT INTO org.password_reset_requests (email, request_id) VALUES ($1, $2)", [email, requestId])
    }

    /// Makes links for those who have asked and do have an account; returns how many had asked.
    func issue() async throws(PostgresError) -> Int {
        let rows = try await pool.query(
            Self.issue, [Self.batch, Self.mostPerAccount, Self.lifetime.milliseconds])
        return try rows[0].int("taken")
    }

    /// Whose password the link resets; nil when it is good no longer.
    func account(link: String) async throws(PostgresError) -> UserIdentity? {
        let rows = try await pool.query(
            """
            SELECT user_id, org_id, role FROM org.password_resets r JOIN org.users u USING (org_id, user_id)
            WHERE link_id = $1 AND expires_at > now()
            """, [link])
        return try rows.first.map(UserIdentity.init)
    }

    /// False when the link is good no longer. All other links of the account end with this one: who uses two at once
    /// must not wait for the other with each, which is why the account is locked first.
    func reset(
        _ user: UserIdentity, link: String, passwordHash: String, client: String, requestId: String
    ) async throws(PostgresError) -> Bool {
        let answers = try await pool.atomically([
            (
                "SELECT FROM org.users WHERE org_id = $1 AND user_id = $2 FOR NO KEY UPDATE",
                [user.orgId, user.userId]
            ),
            (Self.reset, [user.orgId, user.userId, passwordHash, link, requestId, client]),
            (SessionStatements.endAll, [user.orgId, user.userId, passwordHash, nil as String?]),
        ])
        return !answers[1].isEmpty
    }

    private static let issue = Statement(
        """
        WITH taken AS (
            DELETE FROM org.password_reset_requests WHERE id IN (
                SELECT id FROM org.password_reset_requests ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
            RETURNING *
        ), account AS (
            SELECT DISTINCT ON (u.user_id) u.user_id, u.org_id, u.email, t.request_id
            FROM taken t
            JOIN org.users u ON lower(u.email) = lower(t.email)
            ORDER BY u.user_id, t.id
        ), issued AS (
            INSERT INTO org.password_resets (link_id, org_id, user_id, expires_at)
            SELECT 'lnk_' || replace(gen_random_uuid()::text, '-', ''), org_id, user_id,
                now() + $3 * interval '1 millisecond'
            FROM account a
            WHERE (
                SELECT count(*) FROM org.password_resets r
                WHERE r.org_id = a.org_id AND r.user_id = a.user_id AND r.expires_at > now()) < $2
            RETURNING *
        ), announced AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, data)
            SELECT 'evt_' || replace(gen_random_uuid()::text, '-', ''), a.org_id, '\(PasswordResetRequested.type)',
                a.request_id, jsonb_build_object('linkId', link_id, 'email', email, 'expiresAt', \(MailedLink.expiry))
            FROM issued i
            JOIN account a USING (org_id, user_id)
        )
        SELECT count(*) AS taken FROM taken
        """)

    private static let reset = Statement(
        """
        WITH used AS (
            DELETE FROM org.password_resets
            WHERE org_id = $1 AND user_id = $2 AND link_id = $4 AND expires_at > now()
            RETURNING org_id, user_id
        ), changed AS (
            UPDATE org.users u
            SET password_hash = $3, updated_at = now()
            FROM used
            WHERE u.org_id = used.org_id AND u.user_id = used.user_id
            RETURNING u.org_id, u.user_id
        ), ended AS (
            DELETE FROM org.password_resets r USING changed c
            WHERE r.org_id = c.org_id AND r.user_id = c.user_id AND r.link_id <> $4
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id)
            SELECT org_id, user_id, 'user.password_reset', user_id, $5 FROM changed
        ), familiar AS (
            \(LoginAttemptStore.familiar("changed", "$6"))
        )
        SELECT FROM changed
        """)
}

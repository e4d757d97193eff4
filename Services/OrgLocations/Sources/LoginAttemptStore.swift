import Endpoints
import EventLoop
import Models
import Postgres
import ServiceRuntime

/// Counts passwords that were tried, for all replicas together.
@Loop struct LoginAttemptStore {
    let pool: PostgresPool
    let limits: LoginLimits

    /// Counts the attempt as a failed one, before the password is compared: of many at once not one is let pass beyond
    /// the limit. Takes the same statements for every address. The lock is a statement of its own, so that the next one
    /// sees what was counted while it waited.
    /// - Returns: the account, if there is one.
    /// - Throws: 429 when too many were wrong.
    func admit(_ attempt: LoginAttempt) async throws -> SessionStore.Account? {
        let values: [(any PostgresValue)?] = [
            attempt.email, attempt.client, attempt.id,
            limits.client.count, limits.client.window.milliseconds,
            limits.strangers.count, limits.strangers.window.milliseconds,
            limits.slowly.count, limits.slowly.window.milliseconds,
        ]
        let answers = try await pool.atomically([
            ("SELECT pg_advisory_xact_lock(hashtextextended(lower($1), 0))", [attempt.email]),
            (Self.admit, values),
        ])
        let row = answers[1][0]
        if let wait = try row.optional("wait", as: Int.self) { throw APIError.rateLimited(retryAfter: wait) }
        return try row.optional("user_id", as: String.self) == nil ? nil : try SessionStore.Account(row)
    }

    /// The password was right: what the client has tried before was a slip.
    func forgive(_ attempt: LoginAttempt) async throws(PostgresError) {
        _ = try await pool.query(
            Statement("DELETE FROM \(Self.forgiven("$1", "$2"))"), [attempt.email, attempt.client])
    }

    func forgetOld() async throws(PostgresError) {
        let oldest = max(limits.client.window, limits.strangers.window)
        _ = try await pool.atomically([
            (
                "DELETE FROM org.login_attempts WHERE attempted_at < now() - $1 * interval '1 millisecond'",
                [oldest.milliseconds]
            ),
            ("DELETE FROM org.familiar_clients WHERE last_used_at < now() - interval '90 days'", []),
        ])
    }

    /// The rows of `org.login_attempts` that a right password takes away.
    static func forgiven(_ email: String, _ client: String) -> String {
        "org.login_attempts WHERE account_sha256 = \(account(email)) AND client = org.client_network(\(client))"
    }

    /// Says nothing about whether there is such an account, and does not keep what people type by mistake. Made here,
    /// because only the database knows which spellings of an address find the same account.
    private static func account(_ email: String) -> String {
        "encode(sha256(convert_to(lower(\(email)), 'UTF8')), 'hex')"
    }

    /// Writes down that the users in `source` have shown, at this client, that they are the ones.
    static func familiar(_ source: String, _ client: String) -> String {
        """
        INSERT INTO org.familiar_clients (user_id, org_id, client)
        SELECT user_id, org_id, org.client_network(\(client)) FROM \(source)
        ON CONFLICT (user_id, client) DO UPDATE SET last_used_at = now()
        """
    }

    /// `wait` is when the attempt that fills the limit leaves the window, in seconds; for strangers, when the next one may
    /// try, if that is earlier.
    private static let admit = Statement(
        """
        WITH client AS (
            SELECT org.client_network($2) AS address
        ), digest AS (
            SELECT \(account("$1")) AS account_sha256
        ), account AS (
            SELECT user_id, org_id, role, password_hash FROM org.users WHERE lower(email) = lower($1)
        ), familiar AS (
            SELECT EXISTS (
                SELECT FROM org.familiar_clients f JOIN account a USING (org_id, user_id) JOIN client c ON f.client = c.address
            ) AS is_familiar
        ), own AS (
            SELECT attempted_at + $5 * interval '1 millisecond' AS free_at
            FROM org.login_attempts l JOIN digest USING (account_sha256) JOIN client c ON l.client = c.address
            WHERE attempted_at > now() - $5 * interval '1 millisecond'
            ORDER BY attempted_at DESC
            OFFSET $4 - 1 LIMIT 1
        ), strange AS (
            SELECT attempted_at
            FROM org.login_attempts JOIN digest USING (account_sha256)
            WHERE NOT is_familiar AND attempted_at > now() - $7 * interval '1 millisecond'
                AND NOT (SELECT is_familiar FROM familiar)
        ), strangers AS (
            SELECT least(
                filling.attempted_at + $7 * interval '1 millisecond', latest.attempted_at + $9 * interval '1 millisecond'
            ) AS free_at
            FROM (SELECT * FROM strange ORDER BY attempted_at DESC OFFSET $6 - 1 LIMIT 1) filling
            CROSS JOIN (SELECT * FROM strange ORDER BY attempted_at DESC OFFSET $8 - 1 LIMIT 1) latest
        ), verdict AS (
            SELECT greatest(
                (SELECT free_at FROM own), (SELECT free_at FROM strangers WHERE free_at > now())) AS free_at
        ), counted AS (
            INSERT INTO org.login_attempts (attempt_id, account_sha256, client, is_familiar)
            SELECT $3, account_sha256, address, is_familiar FROM digest, client, familiar, verdict WHERE free_at IS NULL
        )
        SELECT ceil(extract(epoch FROM free_at - now()))::integer AS wait, a.*
        FROM verdict
        LEFT JOIN account a ON true
        """)
}

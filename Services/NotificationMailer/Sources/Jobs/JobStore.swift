import Crypto
import EventLoop
import Models
import Postgres

/// The queue of mails.
@Loop struct JobStore {
    /// Longer than an attempt can take; after it a claimed job is due again.
    static let lease = Duration.seconds(120)

    let pool: PostgresPool

    /// Takes up to `limit` jobs that are due and that nobody else works on.
    func claim(_ limit: Int) async throws -> [Job] {
        try await pool.query(
            Self.claim, [limit, Random.token(), Self.lease.milliseconds]
        ).map(Job.init)
    }

    /// Records an attempt, unless the claim has run out and somebody else has taken the job.
    func record(_ attempt: Attempt, of job: Job, at now: Timestamp) async throws {
        let values: [(any PostgresValue)?] =
            switch attempt {
            case .sent: ["sent", nil, now, nil]
            case .again(let at, let reason): ["pending", at, nil, reason]
            case .givenUp(let reason): ["given_up", nil, now, reason]
            }
        _ = try await pool.query(
            """
            UPDATE mailer.jobs
            SET status = $3, due_at = coalesce($4, due_at), finished_at = $5, last_error = $6, claim = NULL
            WHERE job_id = $1 AND claim = $2 AND status = 'pending'
            """, [job.id, job.claim] + values)
    }

    /// Deletes what has been over for 30 days, a thousand rows at a time.
    func forgetOld() async throws {
        _ = try await pool.query(
            """
            DELETE FROM mailer.jobs WHERE job_id IN (
                SELECT job_id FROM mailer.jobs WHERE finished_at < now() - interval '30 days'
                ORDER BY finished_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
            """)
    }

    private static let claim: Statement = """
        WITH due AS (
            SELECT job_id FROM mailer.jobs WHERE status = 'pending' AND due_at <= now()
            ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED),
        claimed AS (
            UPDATE mailer.jobs j
            SET claim = $2, due_at = now() + $3 * interval '1 millisecond', attempts = attempts + 1
            FROM due WHERE j.job_id = due.job_id
            RETURNING j.*)
        SELECT c.*, n.name AS organization
        FROM claimed c LEFT JOIN org.organization_names n ON n.org_id = c.org_id
        ORDER BY c.wanted_at
        """
}

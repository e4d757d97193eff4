import Crypto
import EventLoop
import Models
import Postgres

/// The queue of mails, as one process sees it.
@Loop struct JobStore {
    /// After which a claimed job is due again whatever has become of its process: longer than an attempt can take. The
    /// jobs of a process that is gone do not wait for it (``InstanceStore``).
    static let lease = Duration.seconds(15 * 60)
    private static let mostTold = 100

    let pool: PostgresPool
    /// What this process is called in the queue.
    let instance: String

    /// Makes mails of what is due to be told, and takes up to `limit` jobs that are due and that nobody else works on.
    func claim(_ limit: Int, at now: Timestamp) async throws -> Claimed {
        let answers = try await pool.atomically([
            Conditions.tell(Self.mostTold, at: now),
            (Self.claim, [limit, Random.token(), instance, now, now + Self.lease]),
        ])
        let rows = answers[1]
        var claimed = Claimed(isMore: rows.count == limit || answers[0].count == Self.mostTold)
        for row in rows {
            switch try row.string("verdict") {
            case "send": claimed.jobs.append(try Job(row))
            case "withdrawn": claimed.withdrawn += 1
            case "given_up":
                claimed.expired.append(
                    (
                        try row.string("job_id"), try row.optional("request_id"),
                        try row.optional("last_error") ?? "never tried"
                    ))
            default: break
            }
        }
        return claimed
    }

    /// Records an attempt, unless the claim has run out and somebody else has taken the job. What is not true any more
    /// is not tried again.
    func record(_ attempt: Attempt, of job: Job, at now: Timestamp) async throws {
        let values: [(any PostgresValue)?] =
            switch attempt {
            case .sent: ["sent", nil, nil]
            case .again(let at, let reason): ["pending", at, reason]
            case .givenUp(let reason): ["given_up", nil, reason]
            }
        _ = try await pool.query(
            """
            UPDATE mailer.jobs j
            SET status = next.status, due_at = coalesce($4, j.due_at), last_error = $5, claim = NULL, instance = NULL,
                finished_at = CASE WHEN next.status <> 'pending' THEN $6::timestamptz END
            FROM (
                SELECT job_id, CASE WHEN $3 = 'pending' AND stands = false THEN 'withdrawn' ELSE $3 END AS status
                FROM mailer.jobs WHERE job_id = $1 FOR UPDATE) next
            WHERE j.job_id = next.job_id AND j.claim = $2 AND j.status = 'pending'
            """, [job.id, job.claim] + values + [now])
    }

    /// Lets go of a job that was not begun.
    func giveBack(_ job: Job) async throws {
        _ = try await pool.query(
            """
            UPDATE mailer.jobs SET claim = NULL, instance = NULL, due_at = now(), attempts = attempts - 1
            WHERE job_id = $1 AND claim = $2 AND status = 'pending'
            """, [job.id, job.claim])
    }

    /// Deletes what has been over for 30 days, a thousand rows at a time; and what has passed and was mailed so long ago
    /// that it may be mailed again anyway.
    func forgetOld() async throws {
        _ = try await pool.atomically([
            (
                """
                DELETE FROM mailer.jobs WHERE job_id IN (
                    SELECT job_id FROM mailer.jobs
                    WHERE finished_at < now() - interval '30 days' AND stands IS NOT true
                    ORDER BY finished_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
                """, []
            ),
            ("DELETE FROM mailer.raised WHERE NOT holds AND raised_at < now() - interval '1 day'", []),
        ])
    }

    /// A mail that follows one which is still on its way waits for it.
    private static let claim: Statement = """
        WITH due AS (
            SELECT job_id FROM mailer.jobs WHERE status = 'pending' AND due_at <= $4
            ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED),
        judged AS (
            SELECT j.job_id,
                CASE WHEN j.stands = false OR first.status IN ('given_up', 'withdrawn') THEN 'withdrawn'
                    WHEN j.category IS NOT NULL AND NOT EXISTS (
                        SELECT FROM org.notification_recipients p
                        WHERE p.org_id = j.org_id AND p.category = j.category AND p.email = j.recipient)
                    THEN 'withdrawn'
                    WHEN j.expires_at <= $4 THEN 'given_up'
                    WHEN first.status = 'pending' THEN 'wait'
                    ELSE 'send' END AS verdict
            FROM due JOIN mailer.jobs j ON j.job_id = due.job_id
            LEFT JOIN mailer.jobs first ON first.job_id = j.follows),
        claimed AS (
            UPDATE mailer.jobs j
            SET status = CASE WHEN v.verdict IN ('withdrawn', 'given_up') THEN v.verdict ELSE 'pending' END,
                finished_at = CASE WHEN v.verdict IN ('withdrawn', 'given_up') THEN $4 END,
                due_at = CASE v.verdict
                    WHEN 'send' THEN $5 WHEN 'wait' THEN $4::timestamptz + interval '1 second' ELSE j.due_at END,
                claim = CASE v.verdict WHEN 'send' THEN $2 END,
                instance = CASE v.verdict WHEN 'send' THEN $3 END,
                attempts = j.attempts + (v.verdict = 'send')::integer
            FROM judged v WHERE j.job_id = v.job_id
            RETURNING j.*, v.verdict)
        SELECT c.*, n.name AS organization, d.name AS device
        FROM claimed c
        LEFT JOIN org.organization_names n ON n.org_id = c.org_id
        LEFT JOIN org.device_directory d ON d.org_id = c.org_id AND d.device_id = split_part(c.topic, '/', 1)
        ORDER BY c.wanted_at
        """
}

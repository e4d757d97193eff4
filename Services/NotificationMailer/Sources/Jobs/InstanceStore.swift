import EventLoop
import Postgres

/// Which mailers live, so that what a dead one has left behind does not wait for the lease.
///
/// Whoever has not been seen for ten seconds is dead to the others. Only who has been seen without a gap for as long
/// judges: when all of them have missed the database, nobody takes over what the others still work on.
@Loop struct InstanceStore {
    let pool: PostgresPool
    let instance: String
    let liveness: Liveness

    /// Says that this process lives, and makes the jobs of those that do not due again. Call it every second.
    func beat() async throws {
        let started = LoopInstant.current
        _ = try await pool.atomically([
            (
                """
                INSERT INTO mailer.instances AS i (instance, since, seen_at) VALUES ($1, now(), now())
                ON CONFLICT (instance) DO UPDATE SET
                    since = CASE WHEN i.seen_at < now() - interval '5 seconds' THEN now() ELSE i.since END,
                    seen_at = now()
                """, [instance]
            ),
            (
                """
                WITH lost AS (
                    SELECT j.job_id FROM mailer.jobs j
                    WHERE j.status = 'pending' AND j.instance IS NOT NULL
                        AND EXISTS (
                            SELECT FROM mailer.instances me
                            WHERE me.instance = $1 AND me.since <= now() - interval '10 seconds')
                        AND NOT EXISTS (
                            SELECT FROM mailer.instances i
                            WHERE i.instance = j.instance AND i.seen_at > now() - interval '10 seconds')
                    LIMIT 1000 FOR UPDATE OF j SKIP LOCKED)
                UPDATE mailer.jobs j SET claim = NULL, instance = NULL, due_at = now()
                FROM lost WHERE j.job_id = lost.job_id
                """, [instance]
            ),
            ("DELETE FROM mailer.instances WHERE seen_at < now() - interval '1 hour'", []),
        ])
        liveness.seen(at: started)
    }

    /// This process works on nothing any more.
    func leave() async throws {
        _ = try await pool.query("DELETE FROM mailer.instances WHERE instance = $1", [instance])
    }
}

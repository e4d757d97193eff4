import EventLoop
import Models
import Postgres
import ServiceRuntime

/// How many mails wait, as `/metrics` shows it: the queue that all replicas share.
@Loop struct MailFigures {
    private let pool: PostgresPool
    private let waiting: [String: Gauge]
    private let oldest: Gauge

    init(_ metrics: Metrics, pool: PostgresPool) {
        self.pool = pool
        waiting = Dictionary(
            uniqueKeysWithValues: ["due", "later", "sending"].map { state in
                (state, metrics.gauge("ebon_mailer_waiting_mails", "Mails that are not sent yet.", ["state": state]))
            })
        oldest = metrics.gauge("ebon_mailer_oldest_due_seconds", "For how long the first of those that are due is.")
    }

    func measure() async throws {
        do {
            let row = try await pool.query(Self.statement)[0]
            for (state, gauge) in waiting { gauge.set(Double(try row.int(state))) }
            oldest.set(Double(try row.int("oldest")))
        } catch {
            // Until PostgreSQL answers again nobody knows.
            for gauge in waiting.values { gauge.set(.nan) }
            oldest.set(.nan)
            throw error
        }
    }

    /// A claim ends when the job is due again.
    private nonisolated static let statement: Statement = """
        SELECT count(*) FILTER (WHERE due_at <= now()) AS due,
            count(*) FILTER (WHERE due_at > now() AND claim IS NULL) AS later,
            count(*) FILTER (WHERE due_at > now() AND claim IS NOT NULL) AS sending,
            coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now())), 0)::bigint AS oldest
        FROM mailer.jobs WHERE status = 'pending'
        """
}

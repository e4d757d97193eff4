import EventLoop
import Models
import Postgres
import ServiceRuntime

/// What Stripe tells and how late, and how many customers wait to be compared with it, as `/metrics` shows it.
@Loop struct BillingFigures {
    private let pool: PostgresPool
    private let events: [EventOutcome: Counter]
    private let lag: Histogram
    private let due: Gauge
    private let oldest: Gauge

    init(_ metrics: Metrics, pool: PostgresPool) {
        self.pool = pool
        events = Dictionary(
            uniqueKeysWithValues: EventOutcome.allCases.map { outcome in
                let help = "New Stripe events by what became of them."
                return (outcome, metrics.counter("ebon_billing_events_total", help, ["outcome": outcome.rawValue]))
            })
        lag = metrics.histogram(
            "ebon_billing_webhook_lag_seconds", "From what happened at Stripe, to the second, to its being entered.",
            buckets: [1, 2, 5, 10, 30, 60, 300, 3600, 21_600, 86_400, 259_200])
        due = metrics.gauge("ebon_billing_due_refreshes", "Customers that are due to be compared with Stripe.")
        oldest = metrics.gauge("ebon_billing_oldest_refresh_seconds", "For how long the first of them is.")
    }

    func observe(_ refresher: Refresher?, in metrics: Metrics) {
        let counts: [(outcome: String, read: @Loop () -> Int)] = [
            ("done", { refresher?.statistics.done ?? 0 }), ("failed", { refresher?.statistics.failed ?? 0 }),
        ]
        for count in counts {
            metrics.counter(
                "ebon_billing_refreshes_total", "Customers that were compared with Stripe.",
                ["outcome": count.outcome]
            ) { Double(count.read()) }
        }
    }

    func count(_ outcome: EventOutcome, of event: StripeEvent) {
        events[outcome]?.increment()
        lag.observe(max(.zero, .now() - event.occurredAt))
    }

    func measure() async throws {
        do {
            let row = try await pool.query(Self.statement)[0]
            due.set(Double(try row.int("due")))
            oldest.set(Double(try row.int("oldest")))
        } catch {
            // Until PostgreSQL answers again nobody knows.
            for gauge in [due, oldest] { gauge.set(.nan) }
            throw error
        }
    }

    /// What is wanted at once is due since the epoch; when it was wanted is not known.
    private nonisolated static let statement: Statement = """
        SELECT count(*) AS due,
            coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at > 'epoch')), 0)::bigint AS oldest
        FROM billing.refreshes WHERE due_at <= now()
        """
}

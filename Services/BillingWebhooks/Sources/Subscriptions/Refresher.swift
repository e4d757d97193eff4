import Bus
import EventLoop
import JSON
import Models
import Postgres
import ServiceRuntime

/// Compares what is known of customers' subscriptions with what Stripe says: when it is due, and when somebody asks.
@Loop final class Refresher {
    private static let patience = Duration.seconds(20)
    private static let mostSubscriptions = 100

    private let pool: PostgresPool
    private let stripe: StripeClient
    private let ledger: SubscriptionLedger
    private var isRunning = false
    private var isWanted = false
    private var isStopped = false
    private var stopping: Promise<Void, Never>?
    /// How many customers were compared, and how often that failed.
    private(set) var statistics = (done: 0, failed: 0)

    init(pool: PostgresPool, stripe: StripeClient, ledger: SubscriptionLedger) {
        self.pool = pool
        self.stripe = stripe
        self.ledger = ledger
        ledger.onContest = { [weak self] in self?.wake() }
    }

    /// Looks for customers that are due.
    func wake() {
        isWanted = true
        guard !isRunning, !isStopped else { return }
        isRunning = true
        Loop.atEndOfTurn { Task.immediate(executorPreference: Loop.executor) { @Loop in await self.work() } }
    }

    /// Lets the customer at hand be finished.
    func stop(deadline: LoopInstant) async {
        isStopped = true
        guard isRunning else { return }
        let stopping = Promise<Void, Never>()
        self.stopping = stopping
        let timer = Loop.schedule(at: deadline) { stopping.succeed(()) }
        await stopping.value()
        timer.cancel()
    }

    private func work() async {
        while isWanted, !isStopped {
            isWanted = false
            do {
                while !isStopped, try await refreshOne() {}
            } catch {
                Log.warning("customers were not claimed", ["error": String(describing: error)])
            }
        }
        isRunning = false
        stopping?.succeed(())
    }

    /// False when nobody is due.
    private func refreshOne() async throws -> Bool {
        guard let claimed = try await pool.query(RefreshStatements.claim).first else { return false }
        let customer: String = try claimed.value("customer_id")
        let token: Timestamp = try claimed.value("due_at")
        let attempts: Int = try claimed.value("attempts")
        let requestId = "refresh-\(customer)-\(token.milliseconds)"
        do {
            try await refresh(
                customer: customer, requestId: requestId, deadline: LoopInstant.current + Self.patience)
            _ = try await pool.query(RefreshStatements.finish, [customer, token])
            statistics.done += 1
        } catch {
            statistics.failed += 1
            let fields: LogFields = ["customer": customer, "attempt": attempts, "error": String(describing: error)]
            Log.warning("a customer was not compared with Stripe", fields, requestId: requestId)
            let pause = min(5 << min(attempts - 1, 10), 3600)
            _ = try await pool.query(RefreshStatements.postpone, [customer, token, pause])
        }
        return true
    }

    /// Enters what Stripe says now of an organization's customers, of all that can be asked about.
    func refresh(_ orgId: OrgID, requestId: String, deadline: LoopInstant) async throws {
        var failure: (any Error)?
        for row in try await pool.query(RefreshStatements.customers, [orgId]) {
            do {
                try await refresh(customer: row.value("customer_id"), requestId: requestId, deadline: deadline)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func refresh(customer: String, requestId: String, deadline: LoopInstant) async throws {
        var known: [String: EventPosition] = [:]
        for row in try await pool.query(RefreshStatements.known, [customer]) {
            known[try row.value("subscription_id")] = try EventPosition(row)
        }
        guard let answer = try await subscriptions(of: customer, deadline) else {
            // The subscriptions stay as they are: the key may be another account's.
            Log.error("Stripe does not know a customer", ["customer": customer], requestId: requestId)
            _ = try await pool.query(RefreshStatements.giveUp, [customer])
            return
        }
        guard let objects = answer.json["data"]?.array else { throw StripeError.unreadable("data is missing") }
        let reports = objects.compactMap { object in
            StripeReport(
                subscription: object, in: answer, after: object["id"]?.string.flatMap { known[$0] })
        }
        guard reports.count == objects.count, reports.allSatisfy({ $0.customerID == customer }) else {
            throw StripeError.unreadable("data has something else than the customer's subscriptions")
        }
        try await ledger.enter(reports, requestId: requestId)
    }

    /// Nil for a customer that Stripe does not know.
    private func subscriptions(of customer: String, _ deadline: LoopInstant) async throws(StripeError) -> StripeAnswer?
    {
        do {
            return try await stripe.get(
                "/v1/subscriptions", ["customer": customer, "status": "all", "limit": "\(Self.mostSubscriptions)"],
                deadline: deadline)
        } catch {
            guard error.isMissing("customer") else { throw error }
            return nil
        }
    }
}

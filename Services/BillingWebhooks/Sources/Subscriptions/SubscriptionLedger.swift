import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

/// Enters what Stripe reports, whichever way it came, and lets the other services know of changed plans.
@Loop final class SubscriptionLedger {
    private let pool: PostgresPool
    private let bus: Bus
    private let prices: PriceCatalogue
    private let takesTests: Bool
    /// Hears what became of every event that was new.
    private let report: @Loop (EventOutcome, StripeEvent) -> Void
    /// Called when Stripe should be asked at once.
    var onContest: @Loop () -> Void = {}

    init(
        pool: PostgresPool, bus: Bus, prices: PriceCatalogue, takesTests: Bool,
        report: @escaping @Loop (EventOutcome, StripeEvent) -> Void = { _, _ in }
    ) {
        self.pool = pool
        self.bus = bus
        self.prices = prices
        self.takesTests = takesTests
        self.report = report
    }

    /// Starts with what an earlier release has left undone.
    func adopt() async throws { _ = try await pool.query(RefreshStatements.adopt) }

    /// Keeps a signed event together with its effect; one that is known already changes nothing.
    func enter(_ event: StripeEvent, body: [UInt8], requestId: String) async throws {
        let said = event.isTest && !takesTests ? StripeReport(ofTest: event) : StripeReport(event)
        let entered: (decision: Decision, hasNews: Bool, changed: [OrgID])?
        do {
            entered = try await transaction(requestId) { store in
                let known = try await store.known(about: said)
                if known.isDuplicate { return nil }
                let decision = self.decision(about: said, known)
                let notices = Notice.about(event, said, known: known.subscription, change: decision.change)
                let changed = try await store.apply(
                    decision, of: said, known: known, keeping: .init(event: event, body: body), telling: notices)
                return (decision, !notices.isEmpty, changed)
            }
        } catch is BillingStore.Duplicate {
            return
        }
        guard let entered else { return }
        report(entered.decision.outcome, event)
        log(entered.decision.outcome, of: event, requestId: requestId)
        if entered.hasNews { bus.publish(OutboxGrew()) }
        announce(entered.changed)
        if entered.decision.refresh == .atOnce { onContest() }
    }

    /// Enters what Stripe answered when it was asked.
    func enter(_ answers: [StripeReport], requestId: String) async throws {
        for said in answers {
            let (hasNews, changed) = try await transaction(requestId) { store in
                let known = try await store.known(about: said)
                let decision = self.decision(about: said, known)
                let notices = Notice.ending(decision.change, after: known.subscription)
                let changed = try await store.apply(decision, of: said, known: known, telling: notices)
                return (!notices.isEmpty, changed)
            }
            if hasNews { bus.publish(OutboxGrew()) }
            announce(changed)
        }
    }

    /// Ends the plans of those who have owed for seven days.
    func endGracePeriods() async throws {
        var ended: [OrgID?]
        repeat {
            ended = []
            let changed = try await pool.transaction { transaction in
                ended = try await transaction.queries([(RefreshStatements.endGrace, [])])[0].map {
                    try $0.optional("org_id")
                }
                let organizations = Set(ended.compactMap { $0 }).sorted()
                guard !organizations.isEmpty else { return [OrgID]() }
                let requestId = "grace-\(Timestamp.now().milliseconds)"
                let answers = try await transaction.queries(
                    BillingStore.announce(organizations, requestId: requestId))
                return try answers[1].map { try $0.value("org_id") }
            }
            announce(changed)
        } while !ended.isEmpty
    }

    private func decision(about said: StripeReport, _ known: BillingStore.Known) -> Decision {
        Decision(said, known: known.subscription, organizationExists: known.organizationExists, prices: prices)
    }

    private func transaction<Value>(
        _ requestId: String, _ body: @Loop (BillingStore) async throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.transaction { try await body(BillingStore(transaction: $0, requestId: requestId)) }
        } catch let error as PostgresError where error.isRetryable {
            return try await pool.transaction { try await body(BillingStore(transaction: $0, requestId: requestId)) }
        }
    }

    private func announce(_ changed: [OrgID]) {
        guard !changed.isEmpty else { return }
        bus.publish(OutboxGrew())
        for organization in changed { bus.publish(CredentialsChanged(orgId: organization)) }
    }

    private func log(_ outcome: EventOutcome, of event: StripeEvent, requestId: String) {
        let fields: LogFields = [
            "event": event.id, "type": event.type, "outcome": outcome.rawValue,
        ]
        switch outcome {
        case .unknownPrice, .unknownOrganization, .test:
            Log.error("Stripe event needs a look", fields, requestId: requestId)
        case .applied, .kept, .stale: Log.info("Stripe event", fields, requestId: requestId)
        }
    }
}

import Crypto
import EventLoop
import Models
import Postgres

/// The statements of one event's transaction; all of them happen or none.
@Loop struct BillingStore {
    let transaction: PostgresTransaction

    /// What was known before the event.
    struct Known {
        let isDuplicate: Bool
        let organizationExists: Bool
        let subscription: SubscriptionState?
        /// The organizations whose plan the event may change.
        let plans: [OrgID: Plan]
    }

    /// Events of one customer wait for each other here: what is read must still hold when it is written.
    func known(about event: StripeEvent) async throws(PostgresError) -> Known {
        let named = event.namedOrganization
        let answers = try await transaction.queries([
            (BillingStatements.lock, [event.customerID ?? event.id]),
            (BillingStatements.known, [event.id, named]),
            (BillingStatements.subscription, [event.subscriptionID]),
            (BillingStatements.plans, [named, event.subscriptionID, event.customerID]),
        ])
        var plans: [OrgID: Plan] = [:]
        for row in answers[3] { plans[try row.value("org_id")] = try row.raw("plan") }
        return Known(
            isDuplicate: try answers[1][0].value("duplicate"),
            organizationExists: try answers[1][0].value("organization_exists"),
            subscription: try answers[2].first.map { row throws(PostgresError) in try SubscriptionState(row) },
            plans: plans)
    }

    /// Another process has kept the same event in the meantime.
    struct Duplicate: Error {}

    /// Keeps the event with its effect, and returns the organizations whose plan is another one now.
    func apply(
        _ decision: EventDecision, of event: StripeEvent, body: [UInt8], plans: [OrgID: Plan], requestId: String
    ) async throws -> [OrgID] {
        var statements: [BoundStatement] = []
        if let organization = decision.binding {
            let bound = [event.customerID, event.subscriptionID].compactMap { $0 }
            statements.append((BillingStatements.bind, [bound, organization, event.occurredAt, event.id]))
        }
        if let change = decision.change {
            statements.append((BillingStatements.store, change.values))
        }
        statements.append((BillingStatements.assign, [event.subscriptionID, event.customerID]))
        statements.append(
            (
                BillingStatements.keep,
                [
                    event.id, event.type, event.apiVersion, event.occurredAt, event.subscriptionID, event.customerID,
                    decision.outcome.rawValue, requestId, String(decoding: body, as: UTF8.self),
                ]
            ))
        let affected = plans.sorted { $0.key.rawValue < $1.key.rawValue }
        statements.append(
            (
                BillingStatements.announce,
                [
                    affected.map(\.key), affected.map(\.value.rawValue),
                    affected.map { _ in Random.identifier(prefix: "evt") }, requestId, event.id,
                ]
            ))
        let answers = try await transaction.queries(statements)
        guard answers[answers.count - 2].affectedRows == 1 else { throw Duplicate() }
        return try answers[answers.count - 1].map { try $0.value("org_id") }
    }
}

extension SubscriptionState {
    init(_ row: PostgresRow) throws(PostgresError) {
        status = Status(
            value: SubscriptionStatus(rawValue: try row.value("status")),
            currentPeriodEnd: try row.optional("current_period_end"),
            cancelAtPeriodEnd: try row.value("cancel_at_period_end"),
            position: EventPosition(
                at: try row.value("status_at"), rank: try row.value("status_rank"),
                eventID: try row.value("status_event_id")))
        guard let plan: String = try row.optional("plan"), let plan = Plan(rawValue: plan) else {
            self.plan = nil
            return
        }
        self.plan = Priced(
            plan: plan,
            position: EventPosition(
                at: try row.value("plan_at"), rank: try row.value("plan_rank"), eventID: try row.value("plan_event_id"))
        )
    }
}

extension EventDecision.SubscriptionChange {
    fileprivate var values: [(any PostgresValue)?] {
        let status = state.status
        let plan = state.plan
        return [
            snapshot.subscriptionID, snapshot.customerID, snapshot.createdAt, status.value.rawValue,
            status.position.at, status.position.rank, status.position.eventID, status.currentPeriodEnd,
            status.cancelAtPeriodEnd, plan?.plan.rawValue, plan?.position.at, plan?.position.rank,
            plan?.position.eventID,
        ]
    }
}

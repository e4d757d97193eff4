import Crypto
import EventLoop
import JSON
import Models
import Postgres

/// The statements of one report's transaction; all of them happen or none.
@Loop struct BillingStore {
    let transaction: PostgresTransaction
    let requestId: String

    /// What was known before the report.
    struct Known {
        let isDuplicate: Bool
        let organizationExists: Bool
        let subscription: SubscriptionState?
        /// The organizations whose plan the report may change.
        let organizations: [OrgID]
    }

    /// Reports about one customer wait for each other here: what is read must still hold when it is written.
    func known(about report: StripeReport) async throws(PostgresError) -> Known {
        let named = report.namedOrganization
        let answers = try await transaction.queries([
            (BillingStatements.lock, [report.customerID ?? report.sourceID]),
            (BillingStatements.known, [report.sourceID, named]),
            (BillingStatements.subscription, [report.subscriptionID]),
            (BillingStatements.organizations, [named, report.subscriptionID, report.customerID]),
        ])
        return Known(
            isDuplicate: try answers[1][0].value("duplicate"),
            organizationExists: try answers[1][0].value("organization_exists"),
            subscription: try answers[2].first.map { row throws(PostgresError) in try SubscriptionState(row) },
            organizations: try answers[3].map { row throws(PostgresError) in try row.value("org_id") })
    }

    /// An event as it is kept, with what the organization is told of it.
    struct Kept {
        let event: StripeEvent
        let body: [UInt8]
    }

    /// Another process has kept the same event in the meantime.
    struct Duplicate: Error {}

    /// Writes what a report changes, with the event that it comes from if there is one, and returns the organizations
    /// whose plan is another one now.
    func apply(
        _ decision: Decision, of report: StripeReport, known: Known, keeping kept: Kept? = nil,
        telling notices: [any EventData]
    ) async throws -> [OrgID] {
        var statements: [BoundStatement] = []
        if let organization = decision.binding {
            let bound = [report.customerID, report.subscriptionID].compactMap { $0 }
            statements.append(
                (BillingStatements.bind, [bound, organization, report.reportedAt, report.sourceID]))
        }
        if let reported = report.state {
            let id = report.subscriptionID
            statements.append(
                (
                    BillingStatements.reportStatus,
                    [id, report.sourceID, reported.snapshot.status.rawValue, report.reportedAt, kept != nil]
                ))
            if let change = decision.change { statements.append((BillingStatements.store, change.values)) }
            statements.append((BillingStatements.countGrace, [id]))
        }
        statements.append((BillingStatements.assign, [report.subscriptionID, report.customerID]))
        let keeping = statements.count
        if let kept {
            statements.append(keep(kept.event, kept.body, decision.outcome))
        }
        statements += try notices.map { try tell($0, report) }
        if let customer = report.customerID, decision.refresh != .unneeded {
            statements.append(RefreshStatements.want(customer, atOnce: decision.refresh == .atOnce))
        }
        statements += Self.announce(known.organizations, requestId: requestId, stripeEventID: kept?.event.id)
        let answers = try await transaction.queries(statements)
        if kept != nil, answers[keeping].affectedRows != 1 { throw Duplicate() }
        return try answers[answers.count - 1].map { try $0.value("org_id") }
    }

    /// Two statements; the last one returns the organizations whose plan has changed.
    static func announce(
        _ organizations: [OrgID], requestId: String, stripeEventID: String? = nil
    ) -> [BoundStatement] {
        [
            (BillingStatements.lockPlans, [organizations]),
            (
                BillingStatements.announce,
                [
                    organizations, organizations.map { _ in Random.identifier(prefix: "evt") }, requestId,
                    stripeEventID,
                ]
            ),
        ]
    }

    private func keep(_ event: StripeEvent, _ body: [UInt8], _ outcome: EventOutcome) -> BoundStatement {
        (
            BillingStatements.keep,
            [
                event.id, event.type, event.apiVersion, event.occurredAt, event.subscriptionID, event.customerID,
                outcome.rawValue, requestId, String(decoding: body, as: UTF8.self),
            ]
        )
    }

    private func tell(_ notice: any EventData, _ report: StripeReport) throws -> BoundStatement {
        (
            BillingStatements.tell,
            [
                Random.identifier(prefix: "evt"), type(of: notice).type.rawValue, requestId, try JSON(encoding: notice),
                report.subscriptionID, report.customerID, report.namedOrganization,
            ]
        )
    }
}

extension SubscriptionState {
    init(_ row: PostgresRow) throws(PostgresError) {
        status = Status(
            value: SubscriptionStatus(rawValue: try row.value("status")),
            currentPeriodEnd: try row.optional("current_period_end"),
            cancelAtPeriodEnd: try row.value("cancel_at_period_end"),
            position: try EventPosition(row))
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

extension EventPosition {
    /// That of a subscription's status.
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            at: try row.value("status_at"), rank: try row.value("status_rank"),
            eventID: try row.value("status_event_id"))
    }
}

extension Decision.SubscriptionChange {
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

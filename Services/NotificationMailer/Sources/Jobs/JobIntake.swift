import Bus
import EventLoop
import Models
import Postgres

/// Makes jobs of the events that somebody is to be told of.
@Loop enum JobIntake {
    private nonisolated static let notices: [String: @Sendable (OutboxEvent, Timestamp) throws -> Notice?] = [
        DeviceAlertChanged.type.rawValue: { event, _ in try AlertNotices.changed(event) },
        DeviceStatusChanged.type.rawValue: { event, _ in try DeviceNotices.statusChanged(event) },
        DeviceFlagsReported.type.rawValue: { event, _ in try DeviceNotices.flagsReported(event) },
        DeviceDeleted.type.rawValue: { event, _ in try DeviceNotices.deleted(event) },
        CommandCompleted.type.rawValue: { try ReportNotices.executed($0, at: $1) },
        CommandResolved.type.rawValue: { try ReportNotices.executed($0, at: $1) },
        PlanChanged.type.rawValue: { BillingNotices.notice(.planChanged, of: $0, at: $1) },
        PaymentFailed.type.rawValue: { BillingNotices.notice(.paymentFailed, of: $0, at: $1) },
        PaymentActionRequired.type.rawValue: { BillingNotices.notice(.paymentActionRequired, of: $0, at: $1) },
        TrialEnding.type.rawValue: { BillingNotices.notice(.trialEnding, of: $0, at: $1) },
        SubscriptionEnded.type.rawValue: { BillingNotices.notice(.subscriptionEnded, of: $0, at: $1) },
        InvitationIssued.type.rawValue: { event, _ in .statements(try LinkNotices.invitation(event)) },
        PasswordResetRequested.type.rawValue: { event, _ in .statements(try LinkNotices.passwordReset(event)) },
    ]

    /// Works through the transaction that moves the cursor: each event makes its jobs exactly once.
    static func handle(
        _ events: [OutboxEvent], _ transaction: PostgresTransaction, at now: Timestamp
    ) async throws {
        let statements = statements(for: try events.compactMap { try notices[$0.type]?($0, now) }, at: now)
        if !statements.isEmpty { _ = try await transaction.queries(statements) }
    }

    /// Of what came and went within the batch only the last word counts: whatever was cleared at some time in it is
    /// over, and then what has been raised since begins. A device that was deleted is forgotten before anything is said
    /// of what has passed with it.
    private static func statements(for notices: [Notice], at now: Timestamp) -> [BoundStatement] {
        var raised: [Topic: RaisedCondition] = [:]
        var cleared: [Topic: ClearedCondition] = [:]
        var forgotten: [BoundStatement] = []
        var others: [BoundStatement] = []
        for notice in notices {
            switch notice {
            case .raised(let condition):
                raised[condition.topic] = condition
            case .cleared(let condition):
                raised[condition.topic] = nil
                cleared[condition.topic] = condition
            case .deviceDeleted(let device, let organization):
                forgotten += Conditions.forget(device, of: organization, at: now)
            case .statements(let statements):
                others += statements
            }
        }
        return forgotten + (cleared.isEmpty ? [] : Conditions.clear(Array(cleared.values), at: now))
            + (raised.isEmpty ? [] : [Conditions.raise(Array(raised.values))]) + others
    }
}

import BillingWebhooksRoutes
import EventLoop
import Models
import Postgres

/// What is known of organizations' subscriptions.
@Loop struct SubscriptionStore {
    let pool: PostgresPool

    /// A subscription that is there in whatever state, with what Stripe calls it.
    struct Current {
        let id: String
        let status: SubscriptionStatus
        let position: EventPosition
    }

    /// The subscription that an organization means by "mine": the newest of the living ones, else the newest.
    func subscription(of orgId: OrgID) async throws -> (shown: Subscription, current: Current?) {
        let row = try await pool.query(
            Self.shown,
            [
                orgId, SubscriptionStatus.givingPlan.map(\.rawValue), SubscriptionStatus.living.map(\.rawValue),
            ])[0]
        let status: String? = try row.optional("status")
        let shown = Subscription(
            plan: try row.raw("plan"), status: status ?? "none",
            currentPeriodEnd: try row.optional("current_period_end"),
            cancelAtPeriodEnd: try row.optional("cancel_at_period_end") ?? false)
        guard let status else { return (shown, nil) }
        let current = Current(
            id: try row.value("subscription_id"), status: SubscriptionStatus(rawValue: status),
            position: try EventPosition(row))
        return (shown, current)
    }

    private static let shown: Statement = """
        SELECT billing.plan_of($1) AS plan, s.subscription_id, s.status, s.status_at, s.status_rank, s.status_event_id,
            s.current_period_end, s.cancel_at_period_end
        FROM (SELECT) asked
        LEFT JOIN (
            SELECT * FROM billing.subscriptions WHERE org_id = $1
            ORDER BY status = ANY ($2::text[]) DESC, status = ANY ($3::text[]) DESC, created_at DESC,
                subscription_id DESC
            LIMIT 1
        ) s ON true
        """
}

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
        let statusAt: Timestamp
    }

    func subscription(of orgId: OrgID) async throws -> (shown: Subscription, current: Current?) {
        let row = try await pool.query(Self.shown, [orgId])[0]
        let status: String? = try row.optional("status")
        let shown = Subscription(
            plan: try row.raw("plan"), status: status ?? "none",
            currentPeriodEnd: try row.optional("current_period_end"),
            cancelAtPeriodEnd: try row.optional("cancel_at_period_end") ?? false)
        guard let status else { return (shown, nil) }
        let current = Current(
            id: try row.value("subscription_id"), status: SubscriptionStatus(rawValue: status),
            statusAt: try row.value("status_at"))
        return (shown, current)
    }

    private static let shown: Statement = """
        SELECT coalesce(p.plan, 'free') AS plan, s.subscription_id, s.status, s.status_at, s.current_period_end,
            s.cancel_at_period_end
        FROM (SELECT $1::text AS org_id) asked
        LEFT JOIN billing.organization_plan p USING (org_id)
        LEFT JOIN billing.current_subscriptions s USING (org_id)
        """
}

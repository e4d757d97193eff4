import Models
import Postgres

enum RefreshStatements {
    /// A customer that nobody has wanted before is due within a day; at once means before all others.
    static func want(_ customerID: String, atOnce: Bool) -> BoundStatement { (want, [customerID, atOnce]) }

    private static let want: Statement = """
        INSERT INTO billing.refreshes AS r (customer_id, due_at)
        VALUES ($1, CASE WHEN $2 THEN 'epoch' ELSE now() + interval '24 hours' END)
        ON CONFLICT (customer_id) DO UPDATE SET due_at = 'epoch', attempts = 0, gone_at = NULL WHERE $2
        """

    /// Claims the customer that has waited longest, for two minutes.
    static let claim: Statement = """
        UPDATE billing.refreshes
        SET due_at = now() + interval '2 minutes', attempts = attempts + 1
        WHERE customer_id = (
            SELECT customer_id FROM billing.refreshes WHERE due_at <= now()
            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING customer_id, due_at, attempts
        """

    /// Leaves alone what has been wanted again meanwhile.
    static let finish: Statement = """
        UPDATE billing.refreshes
        SET due_at = now() + interval '24 hours', attempts = 0, refreshed_at = now()
        WHERE customer_id = $1 AND due_at = $2
        """

    static let postpone: Statement = """
        UPDATE billing.refreshes SET due_at = now() + make_interval(secs => $3)
        WHERE customer_id = $1 AND due_at = $2
        """

    /// A customer that Stripe does not know is not asked for again until somebody wants it.
    static let giveUp: Statement = """
        UPDATE billing.refreshes SET due_at = 'infinity', gone_at = now() WHERE customer_id = $1
        """

    /// Those of subscriptions that a release without this table has entered.
    static let adopt: Statement = """
        INSERT INTO billing.refreshes (customer_id, due_at)
        SELECT DISTINCT customer_id, now() FROM billing.subscriptions
        ON CONFLICT DO NOTHING
        """

    /// What is known of a customer's subscriptions before Stripe is asked.
    static let known: Statement = """
        SELECT subscription_id, status_at, status_rank, status_event_id
        FROM billing.subscriptions WHERE customer_id = $1
        """

    static let customers: Statement = """
        SELECT r.customer_id FROM billing.refreshes r JOIN billing.bindings b ON b.stripe_id = r.customer_id
        WHERE b.org_id = $1 AND r.gone_at IS NULL ORDER BY b.bound_at DESC, r.customer_id LIMIT 10
        """

    /// The subscriptions whose seven days are over, with their organizations.
    static let endGrace: Statement = """
        UPDATE billing.subscriptions
        SET grace_ended_at = now()
        WHERE subscription_id IN (
            SELECT subscription_id FROM billing.subscriptions
            WHERE status = 'past_due' AND grace_ended_at IS NULL
                AND coalesce(past_due_since, status_at) <= now() - billing.grace()
            ORDER BY coalesce(past_due_since, status_at) LIMIT 100 FOR UPDATE SKIP LOCKED)
        RETURNING org_id
        """
}

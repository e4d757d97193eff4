import Models
import Postgres

enum RefreshStatements {
    /// A customer that nobody has wanted before is due within a day.
    static func want(_ customerID: String, atOnce: Bool) -> BoundStatement { (want, [customerID, atOnce]) }

    private static let want: Statement = """
        INSERT INTO billing.refreshes AS r (customer_id, due_at)
        VALUES ($1, CASE WHEN $2 THEN now() ELSE now() + interval '24 hours' END)
        ON CONFLICT (customer_id) DO UPDATE SET due_at = now(), attempts = 0 WHERE $2
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

    /// What is known of a customer's subscriptions before Stripe is asked.
    static let known: Statement = """
        SELECT subscription_id, status_at FROM billing.subscriptions WHERE customer_id = $1
        """

    static let customers: Statement = """
        SELECT r.customer_id FROM billing.refreshes r JOIN billing.bindings b ON b.stripe_id = r.customer_id
        WHERE b.org_id = $1 ORDER BY b.bound_at DESC, r.customer_id LIMIT 10
        """

    /// The subscriptions whose seven days are over, with their organizations.
    static let endGrace: Statement = """
        UPDATE billing.subscriptions
        SET grace_ended_at = now()
        WHERE subscription_id IN (
            SELECT subscription_id FROM billing.subscriptions
            WHERE status = 'past_due' AND grace_ended_at IS NULL AND past_due_since <= now() - interval '7 days'
            ORDER BY past_due_since LIMIT 100 FOR UPDATE SKIP LOCKED)
        RETURNING org_id
        """
}

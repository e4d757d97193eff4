import Crypto
import EventLoop
import JSON
import Models
import Postgres

/// Who an organization is to Stripe.
@Loop struct Customers {
    let pool: PostgresPool
    let stripe: StripeClient

    /// The customer whose subscription counts, else the newest one; nil for an organization that never went to pay.
    func customer(of orgId: OrgID) async throws -> String? {
        try await pool.query(Self.known, [orgId])[0].optional("customer_id")
    }

    /// Makes one where there is none. Two who ask at once are given the same by Stripe, because they ask alike.
    func customerToPay(for orgId: OrgID, deadline: LoopInstant) async throws -> String {
        let row = try await pool.query(Self.known, [orgId])[0]
        if let known: String = try row.optional("customer_id") { return known }
        let name: String = try row.optional("name") ?? orgId.rawValue
        let form: StripeForm = ["name": name, "metadata[orgId]": orgId.rawValue]
        let key = "customer-" + Hex.encode(SHA256.hash(Array(form.text.utf8)))
        let answer = try await stripe.post("/v1/customers", form, idempotencyKey: key, deadline: deadline)
        guard let customer = answer.json["id"]?.identifier else { throw StripeError.unreadable("id is missing") }
        let made = answer.json["created"]?.stripeTime ?? Timestamp(milliseconds: answer.asOf * 1000)
        _ = try await pool.atomically([
            (BillingStatements.bind, [[customer], orgId, made, customer]),
            RefreshStatements.want(customer, atOnce: false),
        ])
        return customer
    }

    private static let known: Statement = """
        SELECT n.name, coalesce(
            (SELECT customer_id FROM billing.current_subscriptions WHERE org_id = asked.org_id),
            (SELECT r.customer_id FROM billing.refreshes r JOIN billing.bindings b ON b.stripe_id = r.customer_id
            WHERE b.org_id = asked.org_id ORDER BY b.bound_at DESC, r.customer_id LIMIT 1)) AS customer_id
        FROM (SELECT $1::text AS org_id) asked
        LEFT JOIN org.organization_names n USING (org_id)
        """
}

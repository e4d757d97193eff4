import Crypto
import EventLoop
import JSON
import Models
import Postgres

/// Who an organization is to Stripe.
@Loop struct Customers {
    let pool: PostgresPool
    let stripe: StripeClient

    /// The customer of the living subscription, else the newest one; nil for an organization that never went to pay.
    func customer(of orgId: OrgID) async throws -> String? {
        try await known(orgId).optional("customer_id")
    }

    /// Posts a request in the customer's name. Makes the customer where there is none, or Stripe knows it no more.
    func post(
        _ path: String, for orgId: OrgID, deadline: LoopInstant, form: (_ customer: String) -> StripeForm
    ) async throws -> JSON {
        let row = try await known(orgId)
        let name: String = try row.optional("name") ?? orgId.rawValue
        let known: String? = try row.optional("customer_id")
        if let known, let answer = try await attempt(path, form(known), deadline) { return answer }
        let made = try await make(orgId, name, inPlaceOf: known, deadline)
        return try await stripe.post(path, form(made), deadline: deadline).json
    }

    /// Nil when Stripe does not know the customer.
    private func attempt(
        _ path: String, _ form: StripeForm, _ deadline: LoopInstant
    ) async throws(StripeError) -> JSON? {
        do {
            return try await stripe.post(path, form, deadline: deadline).json
        } catch {
            guard error.isMissing("customer") else { throw error }
            return nil
        }
    }

    /// Two who ask at once are given the same by Stripe, because they ask with the same key. The key is good for an
    /// hour, so that an answer of Stripe's that was a mistake does not stay.
    private func make(
        _ orgId: OrgID, _ name: String, inPlaceOf gone: String?, _ deadline: LoopInstant
    ) async throws -> String {
        let form: StripeForm = ["name": name, "metadata[orgId]": orgId.rawValue]
        let occasion = "\(form.text) \(gone ?? "") \(Timestamp.now().milliseconds / 3_600_000)"
        let key = "customer-" + Hex.encode(SHA256.hash(Array(occasion.utf8)))
        let answer = try await stripe.post("/v1/customers", form, idempotencyKey: key, deadline: deadline)
        guard let customer = answer.json["id"]?.identifier else { throw StripeError.unreadable("id is missing") }
        let made = answer.json["created"]?.stripeTime ?? Timestamp(milliseconds: answer.asOf * 1000)
        var statements: [BoundStatement] = [
            (BillingStatements.bind, [[customer], orgId, made, customer]),
            RefreshStatements.want(customer, atOnce: false),
        ]
        if let gone { statements.append((RefreshStatements.giveUp, [gone])) }
        _ = try await pool.atomically(statements)
        return customer
    }

    private func known(_ orgId: OrgID) async throws(PostgresError) -> PostgresRow {
        try await pool.query(Self.known, [orgId, SubscriptionStatus.living.map(\.rawValue)])[0]
    }

    private static let known: Statement = """
        SELECT n.name, coalesce((
                SELECT s.customer_id FROM billing.subscriptions s JOIN billing.refreshes r USING (customer_id)
                WHERE s.org_id = $1 AND r.gone_at IS NULL
                    AND s.status = ANY ($2::text[])
                ORDER BY s.created_at DESC, s.subscription_id DESC LIMIT 1
            ), (
                SELECT r.customer_id FROM billing.refreshes r JOIN billing.bindings b ON b.stripe_id = r.customer_id
                WHERE b.org_id = $1 AND r.gone_at IS NULL
                ORDER BY b.bound_at DESC, r.customer_id LIMIT 1
            )) AS customer_id
        FROM (SELECT) asked
        LEFT JOIN org.organization_names n ON n.org_id = $1
        """
}

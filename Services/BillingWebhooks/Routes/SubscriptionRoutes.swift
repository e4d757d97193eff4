import Endpoints
import JSON
import Models

extension BillingWebhooksRoutes {
    package static let subscription = Endpoint<NoInput, Subscription>(
        "billing.subscription", .billingWebhooks, .get, "/api/v1/billing/subscription",
        summary: "What the organization pays for", access: .user, success: .ok(Subscription.schema))

    package static let cancel = Endpoint<NoInput, Subscription>(
        "billing.cancel", .billingWebhooks, .post, "/api/v1/billing/cancel",
        summary: "Ends the subscription with the period that is paid for",
        notes: "Until then the plan stays, and `POST /billing/resume` takes it back.", access: .administrator,
        success: .ok(Subscription.schema),
        errors: [.stripeNotConfigured, .stripeAway, .noSubscription, .refusedByStripe("…")])

    package static let resume = Endpoint<NoInput, Subscription>(
        "billing.resume", .billingWebhooks, .post, "/api/v1/billing/resume",
        summary: "Takes a cancellation back, or goes on with a paused subscription",
        notes: "A subscription that has ended stays ended: open a new one.", access: .administrator,
        success: .ok(Subscription.schema),
        errors: [.stripeNotConfigured, .stripeAway, .noSubscription, .refusedByStripe("…")])

    package static let refresh = Endpoint<NoInput, Subscription>(
        "billing.refresh", .billingWebhooks, .post, "/api/v1/billing/refresh",
        summary: "Compares the subscription with Stripe's own record, and repairs what differs",
        notes: "This also happens once a day by itself.", access: .jwt(roles: [.owner]),
        success: .ok(Subscription.schema), errors: [.stripeNotConfigured, .stripeAway])
}

package struct Subscription: Encodable, Sendable {
    package let plan: Plan
    package let status: String
    package let currentPeriodEnd: Timestamp?
    package let cancelAtPeriodEnd: Bool

    package init(plan: Plan, status: String, currentPeriodEnd: Timestamp?, cancelAtPeriodEnd: Bool) {
        self.plan = plan
        self.status = status
        self.currentPeriodEnd = currentPeriodEnd
        self.cancelAtPeriodEnd = cancelAtPeriodEnd
    }

    private enum CodingKeys: String, CodingKey { case plan, status, currentPeriodEnd, cancelAtPeriodEnd }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(plan, forKey: .plan)
        try container.encode(status, forKey: .status)
        try container.encode(currentPeriodEnd, forKey: .currentPeriodEnd)
        try container.encode(cancelAtPeriodEnd, forKey: .cancelAtPeriodEnd)
    }

    static let schema = Schema.object([
        .required("plan", Schema.oneOf(Plan.self)),
        .required(
            "status",
            Schema.string.described(
                """
                `none`, or Stripe's word for the state of the subscription: `active`, `trialing`, `past_due`, `paused`, \
                `unpaid`, `canceled`, `incomplete`, `incomplete_expired`.
                """, example: "active")),
        .required("currentPeriodEnd", Timestamp.schema.orNull), .required("cancelAtPeriodEnd", .boolean),
    ]).named("Subscription").illustrated(by: [
        "plan": "pro", "status": "active", "currentPeriodEnd": "2026-05-26T15:30:12.000Z", "cancelAtPeriodEnd": false,
    ])
}

import Endpoints
import JSON
import Models

/// The endpoints that BillingWebhooks owns.
package enum BillingWebhooksRoutes {
    package static let all: [Route] = [
        createSubscription.route, portal.route, subscription.route, cancel.route, resume.route, refresh.route,
        invoices.route, webhook.route,
    ]

    /// The body has no schema: what counts are its bytes, which Stripe has signed.
    package static let webhook = Endpoint<NoInput, WebhookReceipt>(
        "billing.webhook", .billingWebhooks, .post, "/api/v1/billing/webhook",
        summary: "Takes the events that Stripe has signed", access: .signed,
        isRateLimited: false, success: .ok(WebhookReceipt.schema),
        errors: [.signatureRefused])
}

package struct WebhookReceipt: Codable, Sendable {
    package let received: Bool

    package init(received: Bool) { self.received = received }

    static let schema = Schema.object([.required("received", .boolean)]).named("WebhookReceipt")
}

import Endpoints
import JSON
import Models

extension BillingWebhooksRoutes {
    package static let createSubscription = Endpoint<Checkout, CheckoutSession>(
        "billing.create_subscription", .billingWebhooks, .post, "/api/v1/billing/create-subscription",
        summary: "Opens a page of Stripe's on which a subscription is paid for",
        notes: """
            Without `priceId` it is a pro subscription. The plan changes as soon as Stripe reports the payment. Where \
            `successUrl` says `{CHECKOUT_SESSION_ID}`, Stripe puts the session's id when it sends the customer back.
            """, access: .administrator, body: Checkout.schema, success: .ok(CheckoutSession.schema),
        errors: [.stripeNotConfigured, .noPriceConfigured, .stripeAway, .alreadySubscribed])

    package static let portal = Endpoint<PortalVisit, PortalAddress>(
        "billing.portal", .billingWebhooks, .post, "/api/v1/billing/portal",
        summary: "Opens Stripe's page on which cards, plan and invoices are looked after", access: .administrator,
        body: PortalVisit.schema, success: .ok(PortalAddress.schema), errors: [.stripeNotConfigured, .stripeAway])
}

package struct Checkout: Decodable, Sendable {
    package let priceId: String?
    package let successUrl: String
    package let cancelUrl: String

    static let schema = Schema.object([
        .optional("priceId", .string(1...255)), .required("successUrl", .string(.returnAddress)),
        .required("cancelUrl", .string(.webAddress)),
    ]).named("Checkout").illustrated(by: [
        "successUrl": "https://portal.example/billing/done", "cancelUrl": "https://portal.example/billing",
    ])
}

extension StringFormat {
    /// A web address in which Stripe may put the id of the session.
    fileprivate static let returnAddress = StringFormat(
        pattern: webAddress.pattern, expectation: webAddress.expectation
    ) { text in
        webAddress.accepts(
            text.split(separator: "{CHECKOUT_SESSION_ID}", omittingEmptySubsequences: false).joined(separator: "ID"))
    }
}

package struct CheckoutSession: Encodable, Sendable {
    package let sessionId: String
    package let url: String?
    /// Only sessions that are embedded into a page have one.
    package let clientSecret: String?

    package init(sessionId: String, url: String?, clientSecret: String?) {
        self.sessionId = sessionId
        self.url = url
        self.clientSecret = clientSecret
    }

    private enum CodingKeys: String, CodingKey { case sessionId, url, clientSecret }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sessionId, forKey: .sessionId)
        try container.encode(url, forKey: .url)
        try container.encode(clientSecret, forKey: .clientSecret)
    }

    static let schema = Schema.object([
        .required("sessionId", .string), .required("url", Schema.string.orNull),
        .required("clientSecret", Schema.string.orNull),
    ]).named("CheckoutSession").illustrated(by: [
        "sessionId": "cs_test_a1b2c3", "url": "https://checkout.stripe.com/c/pay/cs_test_a1b2c3", "clientSecret": nil,
    ])
}

package struct PortalVisit: Decodable, Sendable {
    package let returnUrl: String

    static let schema = Schema.object([.required("returnUrl", .string(.webAddress))]).named("PortalVisit")
        .illustrated(by: ["returnUrl": "https://portal.example/billing"])
}

package struct PortalAddress: Codable, Sendable {
    package let url: String

    package init(url: String) { self.url = url }

    static let schema = Schema.object([.required("url", .string)]).named("PortalAddress")
        .illustrated(by: ["url": "https://billing.stripe.com/p/session/test_a1b2c3"])
}

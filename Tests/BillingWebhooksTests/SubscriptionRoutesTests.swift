import BillingWebhooksRoutes
import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import BillingWebhooks

@Suite("An organization's own subscription", .timeLimit(.minutes(1))) @Loop struct SubscriptionRoutesTests {
    private static let checkout: JSON = [
        "successUrl": "https://portal.example/done", "cancelUrl": "https://portal.example/billing",
    ]
    private static var now: Int { Int(Timestamp.now().milliseconds / 1000) }

    @Test("is paid for on a page of Stripe's, by a customer that is made once")
    func checkout() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            let answer = try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: Self.checkout)
            #expect(answer.status == 200)
            #expect(answer.json["sessionId"]?.string == "cs_test_double2")
            #expect(answer.json["url"]?.string == "https://checkout.stripe.com/c/pay/cs_test_double2")
            #expect(answer.json["clientSecret"]?.isNull == true)
            var other = Self.checkout.object ?? [:]
            other["priceId"] = "price_ent"
            _ = try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: .object(other))
            #expect(stripe.requests("POST", "/v1/customers").map { $0.parameters["metadata[orgId]"] } == ["acme"])
            let sessions = stripe.requests("POST", "/v1/checkout/sessions").map(\.parameters)
            #expect(
                sessions[0] == [
                    "mode": "subscription", "customer": "cus_double1", "client_reference_id": "acme",
                    "line_items[0][price]": "price_pro", "line_items[0][quantity]": "1",
                    "success_url": "https://portal.example/done", "cancel_url": "https://portal.example/billing",
                    "metadata[orgId]": "acme", "subscription_data[metadata][orgId]": "acme",
                ])
            #expect(sessions[1]["line_items[0][price]"] == "price_ent")
            #expect(sessions[1]["customer"] == "cus_double1")
        }
    }

    @Test("is not bought twice, even if the news of the first payment is still on its way")
    func twice() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            _ = try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: Self.checkout)
            let paid = StripeEventText("customer.subscription.created", second: Self.now - 5)
                .belonging(to: "sub_7", "cus_double1", "evt_7").with(metadata: "acme")
            stripe.subscriptions["sub_7"] = paid.subscription
            for _ in 1...2 {
                let answer = try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: Self.checkout)
                #expect(answer.status == 409)
            }
            #expect(stripe.requests("POST", "/v1/checkout/sessions").count == 1)
            #expect(try await billing.plan("acme") == "pro")
        }
    }

    @Test("is bought by another customer when Stripe does not know the first one any more")
    func deletedCustomer() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            _ = try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: Self.checkout)
            stripe.deleteCustomer("cus_double1")
            for path in ["/v1/billing_portal/sessions", "/v1/checkout/sessions"] {
                let answer =
                    path.contains("portal")
                    ? try await billing.call(
                        BillingWebhooksRoutes.portal.route, body: ["returnUrl": "https://portal.example"])
                    : try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: Self.checkout)
                #expect(answer.status == 200)
                #expect(stripe.requests("POST", path).last?.parameters["customer"] == "cus_double3")
            }
        }
    }

    @Test("that Stripe refuses to change is no fault of ours, nor is a key that is refused")
    func refusals() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            let created = StripeEventText("customer.subscription.created", second: Self.now - 100, metadata: "acme")
            _ = try await billing.send(created)
            stripe.subscriptions["sub_1"] = created.subscription
            for (status, expected) in [(400, 409), (402, 409), (401, 503), (403, 503)] {
                stripe.faults = [.status(status)]
                #expect(try await billing.call(BillingWebhooksRoutes.cancel.route).status == expected)
            }
        }
    }

    @Test("sends the customer back with the session's id where that is asked for")
    func sessionPlaceholder() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            var checkout = Self.checkout.object ?? [:]
            checkout["successUrl"] = "https://portal.example/done?session={CHECKOUT_SESSION_ID}"
            let answer = try await billing.call(
                BillingWebhooksRoutes.createSubscription.route, body: .object(checkout))
            #expect(answer.status == 200)
            #expect(
                stripe.requests("POST", "/v1/checkout/sessions")[0].parameters["success_url"]
                    == "https://portal.example/done?session={CHECKOUT_SESSION_ID}")
            checkout["successUrl"] = "https://portal.example/{SOMETHING_ELSE}"
            #expect(
                try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: .object(checkout)).paths
                    == ["body.successUrl"])
        }
    }

    @Test("of two who go to pay at once is one customer's")
    func simultaneous() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            _ = try await allAtOnce(5) { _ in
                try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: Self.checkout)
            }
            #expect(Set(stripe.requests("POST", "/v1/checkout/sessions").map { $0.parameters["customer"] }).count == 1)
        }
    }

    @Test("names every field that is wrong, before anything is asked of Stripe")
    func validation() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            let wrong: JSON = ["priceId": 7, "successUrl": "ftp://x", "cancelUrl": "portal"]
            let answer = try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: wrong)
            #expect(answer.status == 400)
            #expect(Set(answer.paths) == ["body.priceId", "body.successUrl", "body.cancelUrl"])
            var unsold = Self.checkout.object ?? [:]
            unsold["priceId"] = "price_of_somebody_else"
            let refused = try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: .object(unsold))
            #expect(refused.paths == ["body.priceId"])
            let visit = try await billing.call(BillingWebhooksRoutes.portal.route, body: ["returnUrl": "portal"])
            #expect(visit.paths == ["body.returnUrl"])
            #expect(stripe.received.isEmpty)
            var judged = Self.checkout.object ?? [:]
            judged["successUrl"] = "https://refused-by-stripe.example"
            let late = try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: .object(judged))
            #expect(late.status == 400)
            #expect(late.paths == ["body.successUrl"])
        }
    }

    @Test("without a Stripe key can be looked at; all else says so, after validation")
    func notConfigured() async throws {
        try await BillingFixture.run { billing async throws in
            let shown = try await billing.call(BillingWebhooksRoutes.subscription.route)
            #expect(
                shown.json == ["plan": "free", "status": "none", "currentPeriodEnd": nil, "cancelAtPeriodEnd": false])
            for (route, body) in [
                (BillingWebhooksRoutes.createSubscription.route, Self.checkout),
                (BillingWebhooksRoutes.portal.route, JSON.object(["returnUrl": "https://portal.example"])),
                (BillingWebhooksRoutes.cancel.route, nil), (BillingWebhooksRoutes.resume.route, nil),
                (BillingWebhooksRoutes.invoices.route, nil), (BillingWebhooksRoutes.refresh.route, nil),
            ] {
                let answer = try await billing.call(route, body: body)
                #expect(answer.status == 503)
                #expect(answer.message == "Billing is not available: no Stripe key is configured")
            }
            #expect(try await billing.call(BillingWebhooksRoutes.portal.route, body: [:]).status == 400)
        }
    }

    @Test("while Stripe is away answers 503 within five seconds")
    func away() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            stripe.faults = [.silence]
            let began = LoopInstant.current
            let answer = try await billing.call(
                BillingWebhooksRoutes.portal.route, body: ["returnUrl": "https://portal.example"])
            #expect(answer.status == 503)
            #expect(LoopInstant.current - began < .seconds(5))
        }
    }

    @Test("leads to the portal and to its invoices, whatever the currency")
    func portalAndInvoices() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            #expect(try await billing.call(BillingWebhooksRoutes.invoices.route).json == ["invoices": []])
            let portal = try await billing.call(
                BillingWebhooksRoutes.portal.route, body: ["returnUrl": "https://portal.example"])
            #expect(portal.json["url"]?.string?.hasPrefix("https://billing.stripe.com/") == true)
            stripe.invoices["cus_double1"] = [
                [
                    "id": "in_2", "object": "invoice", "number": nil, "status": "draft", "amount_due": 500,
                    "amount_paid": 0, "currency": "jpy", "created": 1_745_681_412, "hosted_invoice_url": nil,
                    "invoice_pdf": nil,
                ],
                [
                    "id": "in_1", "object": "invoice", "number": "EBON-0042", "status": "paid", "amount_due": 14_900,
                    "amount_paid": 14_900, "currency": "ron", "created": 1_745_681_411,
                    "hosted_invoice_url": "https://invoice.stripe.com/i/1", "invoice_pdf": "https://pay.stripe.com/1",
                ],
            ]
            let invoices = try await billing.call(BillingWebhooksRoutes.invoices.route, as: .operator)
            #expect(
                invoices.json["invoices"] == [
                    [
                        "id": "in_2", "number": nil, "status": "draft", "amountDue": Money(bani: 50_000).json,
                        "amountPaid": Money.zero.json,
                        "currency": "JPY", "createdAt": "2025-04-26T15:30:12.000Z", "hostedInvoiceUrl": nil,
                        "pdfUrl": nil,
                    ],
                    [
                        "id": "in_1", "number": "EBON-0042", "status": "paid", "amountDue": Money(bani: 14_900).json,
                        "amountPaid": Money(bani: 14_900).json,
                        "currency": "RON", "createdAt": "2025-04-26T15:30:11.000Z",
                        "hostedInvoiceUrl": "https://invoice.stripe.com/i/1", "pdfUrl": "https://pay.stripe.com/1",
                    ],
                ])
        }
    }

    @Test("ends with its period when cancelled, goes on when that is taken back, and both show at once")
    func cancelAndResume() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            for route in [BillingWebhooksRoutes.cancel.route, BillingWebhooksRoutes.resume.route] {
                #expect(try await billing.call(route).status == 409)
            }
            let created = StripeEventText(
                "customer.subscription.created", second: Self.now - 100, metadata: "acme")
            _ = try await billing.send(created)
            stripe.subscriptions["sub_1"] = created.subscription
            let cancelled = try await billing.call(BillingWebhooksRoutes.cancel.route)
            #expect(cancelled.status == 200)
            #expect(cancelled.json["cancelAtPeriodEnd"] == true)
            #expect(cancelled.json["plan"] == "pro")
            #expect(cancelled.json["status"] == "active")
            #expect(cancelled.json["currentPeriodEnd"]?.string != nil)
            #expect(try await billing.call(BillingWebhooksRoutes.subscription.route).json == cancelled.json)
            let resumed = try await billing.call(BillingWebhooksRoutes.resume.route)
            #expect(resumed.json["cancelAtPeriodEnd"] == false)
            stripe.subscriptions["sub_1"] = created.with("status", "paused").subscription
            _ = try await billing.call(BillingWebhooksRoutes.refresh.route)
            #expect(try await billing.plan("acme") == "free")
            #expect(try await billing.call(BillingWebhooksRoutes.resume.route).json["status"] == "active")
            #expect(stripe.received.last?.path == "/v1/subscriptions/sub_1/resume")
            #expect(try await billing.plan("acme") == "pro")
            stripe.subscriptions["sub_1"] = nil
            #expect(try await billing.call(BillingWebhooksRoutes.cancel.route).status == 409)
        }
    }

    @Test("is repaired from Stripe's record when webhooks were missed, and on demand")
    func refresh() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            _ = try await billing.call(BillingWebhooksRoutes.createSubscription.route, body: Self.checkout)
            let missed = StripeEventText("customer.subscription.created", second: Self.now - 100, price: "price_ent")
                .belonging(to: "sub_9", "cus_double1", "evt_missed").with(metadata: "acme")
            stripe.subscriptions["sub_9"] = missed.subscription
            let answer = try await billing.call(BillingWebhooksRoutes.refresh.route)
            #expect(answer.json["plan"] == "enterprise")
            #expect(try await billing.planChanges() == [PlanChanged(plan: .enterprise, previous: .free)])
            stripe.subscriptions["sub_9"] = missed.with("status", "canceled").subscription
            _ = try await billing.database.query("UPDATE billing.refreshes SET due_at = now()")
            billing.billing.refresher?.wake()
            let isFree: Bool? = try await eventually { try await billing.plan("acme") == "free" ? true : nil }
            #expect(isFree == true)
            _ = try await billing.send(
                StripeEventText("customer.subscription.updated", second: Self.now - 50, price: "price_ent")
                    .belonging(to: "sub_9", "cus_double1", "evt_late"))
            #expect(try await billing.plan("acme") == "free")
        }
    }

    @Test("is asked of Stripe again, with pauses, as long as Stripe is away")
    func refreshFails() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            _ = try await billing.send(StripeEventText("customer.subscription.created", second: 1, metadata: "acme"))
            _ = try await billing.database.query("UPDATE billing.refreshes SET due_at = now()")
            stripe.faults = [.status(400)]
            billing.billing.refresher?.wake()
            let attempts: Int? = try await eventually {
                let row = try await billing.database.query(
                    "SELECT attempts, due_at < now() + interval '6 seconds' AS is_soon FROM billing.refreshes")[0]
                let attempts = try row.int("attempts")
                return try row.bool("is_soon") && attempts > 0 ? attempts : nil
            }
            #expect(attempts == 1)
            #expect(try await billing.plan("acme") == "pro")
        }
    }
}

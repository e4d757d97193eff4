import EventLoop
import JSON
import Models
import TestSupport
import Testing

extension SystemTests {
    @Suite("A subscription that Stripe reports", .serialized) @Loop struct Billing {
        @Test("changes the plan everywhere, once, and only if Stripe has signed it") func plan() async throws {
            let system = try await EverydayStack.shared()
            let owner = try await system.stack.makeOrganization("cafe_sigma", plan: "free")
            let cloud = try Cloud(system.stack, apiKey: owner.apiKey)
            let portal = try await Cloud.portal(system.stack, of: owner)
            #expect(try await cloud.get("/api/v1/me").json["plan"]?.string == "free")
            let limited = try await cloud.post("/api/v1/devices", [:])
            #expect(limited.status == 403)
            #expect(limited.message?.contains("maximum of 2 devices (current: 2)") == true)

            let stripe = StripeDeliveries(system.stack)
            let event = StripeDeliveries.subscription(
                "sigma", of: "cafe_sigma", "created", second: Timestamp.now().milliseconds / 1000,
                price: owner.pricePro)
            let forged = try await stripe.deliver(event, signedWith: "whsec_forged")
            #expect(forged.status == 400)
            #expect(try await stored(system) == 0)
            #expect(try await stripe.deliver(event).status == 200)
            #expect(try await stripe.deliver(event).status == 200)
            #expect(try await stored(system) == 1)

            let shown: Bool? = try await eventually {
                try await cloud.get("/api/v1/me").json["plan"]?.string == "pro" ? true : nil
            }
            #expect(shown == true)
            #expect(try await portal.get("/api/v1/org").json["plan"]?.string == "pro")
            #expect(try await cloud.post("/api/v1/devices", [:]).status == 400)
        }

        private func stored(_ system: EverydayStack) async throws -> Int {
            let books = Books(system.stack)
            defer { Task { @Loop in await books.close() } }
            return try await books.count("SELECT count(*) FROM billing.stripe_events WHERE customer_id = 'cus_sigma'")
        }

        @Test("is bought, looked at, cancelled and repaired through Stripe's own interface") func portal() async throws
        {
            try await StripeDouble.run { double, base in
                var options = Stack.Options()
                options.environment["STRIPE_SECRET_KEY"] = StripeDouble.key
                options.environment["STRIPE_API_BASE"] = base
                try await Stack.run(options) { stack in
                    let owner = try await stack.makeOrganization("cafe_tau", plan: "free")
                    let portal = try await Cloud.portal(stack, of: owner)
                    let session = try await portal.post(
                        "/api/v1/billing/create-subscription",
                        ["successUrl": "https://portal.example/done", "cancelUrl": "https://portal.example"])
                    #expect(session.status == 200)
                    #expect(session.json["url"]?.string?.hasPrefix("https://checkout.stripe.com/") == true)
                    let customer = double.requests("POST", "/v1/checkout/sessions")[0].parameters["customer"] ?? ""
                    let paid = StripeDeliveries.subscription(
                        "tau", of: "", "created", second: Timestamp.now().milliseconds / 1000 - 60,
                        price: owner.pricePro)
                    var subscription = paid["data"]?["object"]?.object ?? [:]
                    subscription["customer"] = .string(customer)
                    double.subscriptions["sub_tau"] = subscription
                    let repaired = try await portal.post("/api/v1/billing/refresh", [:])
                    #expect(repaired.json["plan"] == "pro")
                    #expect(repaired.json["status"] == "active")
                    let cancelled = try await portal.post("/api/v1/billing/cancel", [:])
                    #expect(cancelled.json["cancelAtPeriodEnd"] == true)
                    #expect(try await portal.get("/api/v1/billing/subscription").json == cancelled.json)
                    #expect(try await portal.get("/api/v1/billing/invoices").json == ["invoices": []])
                    let known: Bool? = try await eventually {
                        try await Cloud(stack, apiKey: owner.apiKey).get("/api/v1/me").json["plan"] == "pro"
                            ? true : nil
                    }
                    #expect(known == true)
                    #expect(!stack.log("billing-webhooks").contains(StripeDouble.key))
                }
            }
        }
    }
}

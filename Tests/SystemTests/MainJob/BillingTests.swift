import Crypto
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

            let event = subscription(of: "cafe_sigma", price: owner.pricePro)
            let forged = try await deliver(event, signedWith: "whsec_forged", system)
            #expect(forged.status == 400)
            #expect(try await stored(system) == 0)
            #expect(try await deliver(event, signedWith: owner.stripeWebhookSecret, system).status == 200)
            #expect(try await deliver(event, signedWith: owner.stripeWebhookSecret, system).status == 200)
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
            return try await books.count("SELECT count(*) FROM billing.stripe_events WHERE event_id = 'evt_sigma'")
        }

        private func subscription(of organization: String, price: String) -> JSON {
            let second = Timestamp.now().milliseconds / 1000
            return [
                "id": "evt_sigma", "object": "event", "api_version": "2025-03-31.basil", "created": .number(second),
                "type": "customer.subscription.created",
                "data": [
                    "object": [
                        "id": "sub_sigma", "object": "subscription", "customer": "cus_sigma", "status": "active",
                        "created": .number(second), "metadata": ["orgId": .string(organization)],
                        "items": [
                            "data": [
                                ["price": ["id": .string(price)], "current_period_end": .number(second + 2_592_000)]
                            ]
                        ],
                    ]
                ],
            ]
        }

        private func deliver(
            _ event: JSON, signedWith secret: String, _ system: EverydayStack
        ) async throws -> Cloud.Answer {
            let body = event.serialized()
            let time = Timestamp.now().milliseconds / 1000
            let code = HMACSHA256.authenticate(Array("\(time).".utf8) + body, key: Array(secret.utf8))
            return try await Cloud(system.stack, credential: [:]).send(
                .post, "/api/v1/billing/webhook", headers: ["Stripe-Signature": "t=\(time),v1=\(Hex.encode(code))"],
                body: body)
        }
    }
}

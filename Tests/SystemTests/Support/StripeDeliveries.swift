import Crypto
import EventLoop
import JSON
import Models
import TestSupport

/// Stripe's side of a stack's webhook: subscriptions that change, told in signed events.
@Loop struct StripeDeliveries {
    let stack: Stack
    let secret: String

    init(_ stack: Stack) {
        self.stack = stack
        secret = stack.variables.stripeWebhookSecret
    }

    nonisolated static func subscription(
        _ name: String, of organization: String, _ change: String, second: Int64, status: String = "active",
        price: String
    ) -> JSON {
        [
            "id": .string("evt_\(name)_\(change)_\(second)"), "object": "event", "api_version": "2025-03-31.basil",
            "created": .number(second), "type": .string("customer.subscription.\(change)"),
            "data": [
                "object": [
                    "id": .string("sub_\(name)"), "object": "subscription", "customer": .string("cus_\(name)"),
                    "status": .string(status), "created": .number(second),
                    "metadata": ["orgId": .string(organization)],
                    "items": [
                        "data": [["price": ["id": .string(price)], "current_period_end": .number(second + 2_592_000)]]
                    ],
                ]
            ],
        ]
    }

    func deliver(_ event: JSON, signedWith key: String? = nil) async throws -> Cloud.Answer {
        let body = event.serialized()
        let time = Timestamp.now().milliseconds / 1000
        let code = HMACSHA256.authenticate(Array("\(time).".utf8) + body, key: Array((key ?? secret).utf8))
        return try await Cloud(stack, credential: [:]).send(
            .post, "/api/v1/billing/webhook", headers: ["Stripe-Signature": "t=\(time),v1=\(Hex.encode(code))"],
            body: body)
    }

    /// As Stripe does it: again, until it is taken. Nil when that does not come about.
    func deliverUntilTaken(_ event: JSON) async throws -> Int? {
        var attempts = 0
        return await eventually {
            attempts += 1
            return (try? await deliver(event).status) == 200 ? attempts : nil
        }
    }
}

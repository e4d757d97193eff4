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
        StripeEventText(
            "customer.subscription.\(change)", second: Int(second), status: status, price: price,
            metadata: organization
        ).belonging(
            to: "sub_\(name)", "cus_\(name)", "evt_\(name)_\(change)_\(second)", createdAt: Int(second)
        ).json
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

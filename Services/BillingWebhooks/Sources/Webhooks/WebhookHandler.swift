import BillingWebhooksRoutes
import Bus
import Endpoints
import EventLoop
import Models
import ServiceRuntime

@Loop struct WebhookHandler {
    let ledger: SubscriptionLedger
    let bus: Bus
    let secrets: [[UInt8]]
    private let refusals = LogAllowance()

    init(ledger: SubscriptionLedger, bus: Bus, secrets: [[UInt8]]) {
        self.ledger = ledger
        self.bus = bus
        self.secrets = secrets
    }

    func mount() {
        bus.mount(BillingWebhooksRoutes.webhook) { try await receive($0) }
    }

    private func receive(_ call: Call<NoInput>) async throws -> WebhookReceipt {
        let body = call.request.body
        do {
            try StripeSignature.verify(
                header: call.header("stripe-signature"), body: body, secrets: secrets, now: .now())
        } catch {
            if let skipped = refusals.take() {
                Log.warning("webhook refused", ["reason": "\(error)", "skipped": skipped], requestId: call.requestId)
            }
            throw APIError.signatureRefused
        }
        let event: StripeEvent
        do {
            event = try StripeEvent(parsing: body)
        } catch {
            throw APIError.badRequest(error.problem)
        }
        try await ledger.enter(event, body: body, requestId: call.requestId)
        return WebhookReceipt(received: true)
    }
}

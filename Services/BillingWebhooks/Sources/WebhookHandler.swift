import BillingWebhooksRoutes
import Bus
import Endpoints
import EventLoop
import Models
import Postgres
import ServiceRuntime

@Loop struct WebhookHandler {
    let pool: PostgresPool
    let bus: Bus
    let prices: PriceCatalogue
    let secrets: [[UInt8]]
    /// Hears what became of every event that was new.
    var report: @Loop (EventOutcome) -> Void = { _ in }

    func mount() {
        bus.mount(BillingWebhooksRoutes.webhook) { try await receive($0) }
    }

    private func receive(_ call: Call<NoInput>) async throws -> WebhookReceipt {
        let body = call.request.body
        do {
            try StripeSignature.verify(
                header: call.header("stripe-signature"), body: body, secrets: secrets, now: .now())
        } catch {
            Log.warning("webhook refused", ["reason": "\(error)"], requestId: call.requestId)
            throw BillingWebhooksRoutes.signatureRefused
        }
        let event: StripeEvent
        do {
            event = try StripeEvent(parsing: body)
        } catch {
            throw APIError.badRequest(error.problem)
        }
        do {
            try await store(event, body: body, requestId: call.requestId)
        } catch let error as PostgresError where error.isRetryable {
            try await store(event, body: body, requestId: call.requestId)
        }
        return WebhookReceipt(received: true)
    }

    private func store(_ event: StripeEvent, body: [UInt8], requestId: String) async throws {
        let stored: (outcome: EventOutcome, changed: [OrgID])?
        do {
            stored = try await pool.transaction { transaction in
                let store = BillingStore(transaction: transaction)
                let known = try await store.known(about: event)
                if known.isDuplicate { return nil }
                let decision = EventDecision(
                    event, known: known.subscription, organizationExists: known.organizationExists, prices: prices)
                let changed = try await store.apply(
                    decision, of: event, body: body, plans: known.plans, requestId: requestId)
                return (decision.outcome, changed)
            }
        } catch is BillingStore.Duplicate {
            return
        }
        guard let stored else { return }
        report(stored.outcome)
        log(stored.outcome, of: event, requestId: requestId)
        guard !stored.changed.isEmpty else { return }
        bus.publish(OutboxGrew())
        for organization in stored.changed { bus.publish(CredentialsChanged(orgId: organization)) }
    }

    private func log(_ outcome: EventOutcome, of event: StripeEvent, requestId: String) {
        let fields: LogFields = [
            "event": event.id, "type": event.type, "outcome": outcome.rawValue,
        ]
        switch outcome {
        case .unknownPrice, .unknownOrganization: Log.error("Stripe event needs a look", fields, requestId: requestId)
        case .applied, .kept, .stale: Log.info("Stripe event", fields, requestId: requestId)
        }
    }
}

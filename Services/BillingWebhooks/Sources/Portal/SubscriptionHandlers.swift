import BillingWebhooksRoutes
import Bus
import Endpoints
import EventLoop
import JSON
import Models

/// An organization's own look at its subscription.
@Loop struct SubscriptionHandlers {
    let store: SubscriptionStore
    let ledger: SubscriptionLedger
    let stripe: StripeClient?
    let refresher: Refresher?
    let bus: Bus

    func mount() {
        bus.mount(BillingWebhooksRoutes.subscription) { try await store.subscription(of: $0.orgId).shown }
        bus.mount(BillingWebhooksRoutes.cancel) { call in
            try await change(call) { _ in ("", ["cancel_at_period_end": "true"]) }
        }
        bus.mount(BillingWebhooksRoutes.resume) { call in
            try await change(call) { status in
                status == .paused
                    ? ("/resume", ["billing_cycle_anchor": "unchanged"]) : ("", ["cancel_at_period_end": "false"])
            }
        }
        bus.mount(BillingWebhooksRoutes.refresh) { call in
            guard let refresher else { throw APIError.stripeNotConfigured }
            try await asking {
                try await refresher.refresh(call.orgId, requestId: call.requestId, deadline: .forStripe())
            }
            return try await store.subscription(of: call.orgId).shown
        }
    }

    /// Has Stripe change the subscription, enters what it answers, and shows that.
    private func change(
        _ call: Call<NoInput>, by request: (SubscriptionStatus) -> (path: String, form: StripeForm)
    ) async throws -> Subscription {
        guard let stripe else { throw APIError.stripeNotConfigured }
        let deadline = LoopInstant.forStripe()
        guard let current = try await store.subscription(of: call.orgId).current, current.status.isLiving else {
            throw APIError.noSubscription
        }
        let request = request(current.status)
        let path = "/v1/subscriptions/\(StripeForm.encoded(current.id))\(request.path)"
        do {
            try await asking {
                let answer = try await stripe.post(path, request.form, deadline: deadline)
                guard
                    let report = StripeReport(
                        subscription: answer.json, in: answer, after: current.position)
                else { throw StripeError.unreadable("the answer is no subscription") }
                try await ledger.enter([report], requestId: call.requestId)
            }
        } catch let error as StripeError where error.isMissing("id") {
            throw APIError.noSubscription
        } catch StripeError.refused(let refusal) where (400..<500).contains(refusal.status) {
            throw APIError.refusedByStripe(refusal.message)
        }
        return try await store.subscription(of: call.orgId).shown
    }
}

import BillingWebhooksRoutes
import Endpoints
import EventLoop
import ServiceRuntime

/// Asks Stripe on behalf of a caller: that it is away is no fault of ours, nor is a field that only Stripe can judge.
/// `fields` are the caller's names of Stripe's parameters.
@Loop func asking<Value>(
    _ fields: [String: String] = [:], _ body: @Loop () async throws -> Value
) async throws -> Value {
    do {
        return try await body()
    } catch StripeError.unavailable {
        throw APIError.stripeAway
    } catch StripeError.refused(let refusal) where [401, 403].contains(refusal.status) {
        Log.error("Stripe does not accept the key", ["message": refusal.message])
        throw APIError.stripeAway
    } catch StripeError.refused(let refusal) {
        guard let field = refusal.parameter.flatMap({ fields[$0] }) else { throw StripeError.refused(refusal) }
        throw APIError.validation("body.\(field)", "\(field) is refused by Stripe: \(refusal.message)")
    }
}

extension LoopInstant {
    /// When a caller is told that Stripe is away: within the five seconds that the edge allows any dependency.
    static func forStripe() -> LoopInstant { LoopInstant.current + .milliseconds(4500) }
}

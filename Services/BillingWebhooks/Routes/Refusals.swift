import Endpoints

extension APIError {
    package static let signatureRefused = badRequest("The Stripe-Signature header is missing, wrong or too old")
    package static let stripeNotConfigured = unavailable("Billing is not available: no Stripe key is configured")
    package static let noPriceConfigured = unavailable("Billing is not available: no price is configured")
    package static func refusedByStripe(_ message: String) -> APIError { conflict("Stripe refuses: \(message)") }
    package static let stripeAway = unavailable("Stripe does not answer at the moment", retryAfter: 5)
    package static let noSubscription = conflict("The organization has no subscription")
    package static let alreadySubscribed = conflict(
        "The organization has a subscription already: change it in the billing portal")
}

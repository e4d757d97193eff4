import JSON
import Models

/// What one event says about one subscription.
struct SubscriptionSnapshot: Sendable {
    let subscriptionID: String
    let customerID: String
    let createdAt: Timestamp
    let status: SubscriptionStatus
    let priceIDs: [String]
    let currentPeriodEnd: Timestamp?
    let cancelAtPeriodEnd: Bool

    /// Nil for an event that is not about a subscription's state, or lacks what makes one.
    init?(_ event: StripeEvent) {
        let object = event.object
        let forced: SubscriptionStatus?
        switch event.type {
        case "customer.subscription.deleted": forced = .canceled
        case "customer.subscription.paused": forced = .paused
        case "customer.subscription.created", "customer.subscription.updated", "customer.subscription.resumed",
            "customer.subscription.trial_will_end":
            forced = nil
        default: return nil
        }
        guard let subscriptionID = event.subscriptionID, let customerID = event.customerID,
            let status = forced ?? object["status"]?.string.map(SubscriptionStatus.init(rawValue:))
        else { return nil }
        self.subscriptionID = subscriptionID
        self.customerID = customerID
        self.status = status
        createdAt = object["created"]?.stripeTime ?? event.occurredAt
        let items = object["items"]?["data"]?.array ?? []
        priceIDs = (items + [object]).compactMap { ($0["price"] ?? $0["plan"])?.reference }
        // The period moved from the subscription to its items with the API version of 2025-03-31.
        let ends = ([object] + items).compactMap { $0["current_period_end"]?.stripeTime }
        currentPeriodEnd = ends.first
        cancelAtPeriodEnd = object["cancel_at_period_end"]?.bool ?? false
    }
}

/// Stripe's word for the state of a subscription; words that Stripe adds later are kept, and give no plan.
struct SubscriptionStatus: RawRepresentable, Hashable, Sendable {
    let rawValue: String

    static let active = SubscriptionStatus(rawValue: "active")
    static let trialing = SubscriptionStatus(rawValue: "trialing")
    static let pastDue = SubscriptionStatus(rawValue: "past_due")
    static let incomplete = SubscriptionStatus(rawValue: "incomplete")
    static let incompleteExpired = SubscriptionStatus(rawValue: "incomplete_expired")
    static let canceled = SubscriptionStatus(rawValue: "canceled")
    static let unpaid = SubscriptionStatus(rawValue: "unpaid")
    static let paused = SubscriptionStatus(rawValue: "paused")

    /// An ended subscription never comes back to life.
    var isTerminal: Bool { self == .canceled || self == .incompleteExpired }

    /// Which of two states of the same second is the later one.
    var rank: Int {
        switch self {
        case .canceled, .incompleteExpired: 3
        case .active, .trialing, .pastDue: 2
        case .incomplete: 0
        default: 1
        }
    }
}

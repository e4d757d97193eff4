import JSON
import Models

/// The part of one of Stripe's subscription objects that counts here.
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
        switch event.type {
        case "customer.subscription.deleted": self.init(event.object, status: .canceled, seenAt: event.occurredAt)
        case "customer.subscription.paused": self.init(event.object, status: .paused, seenAt: event.occurredAt)
        case "customer.subscription.created", "customer.subscription.updated", "customer.subscription.resumed",
            "customer.subscription.trial_will_end":
            self.init(event.object, seenAt: event.occurredAt)
        default: return nil
        }
    }

    /// Nil for what is no subscription; `status` overrules what the object says.
    init?(_ object: JSON, status known: SubscriptionStatus? = nil, seenAt: Timestamp = Timestamp(milliseconds: 0)) {
        guard let subscriptionID = object["id"]?.identifier, let customerID = object["customer"]?.reference,
            let status = known ?? object["status"]?.identifier.map(SubscriptionStatus.init(rawValue:))
        else { return nil }
        self.subscriptionID = subscriptionID
        self.customerID = customerID
        self.status = status
        createdAt = object["created"]?.stripeTime ?? seenAt
        let items = object["items"]?["data"]?.array ?? []
        priceIDs = (items + [object]).compactMap { ($0["price"] ?? $0["plan"])?.reference }
        // The period moved from the subscription to its items with the API version of 2025-03-31.
        let ends = ([object] + items).compactMap { $0["current_period_end"]?.stripeTime }
        currentPeriodEnd = ends.first
        // An end at a date of its own that is the period's end is the same promise in other words.
        let endsAt = object["cancel_at"]?.stripeTime
        cancelAtPeriodEnd = object["cancel_at_period_end"]?.bool == true || (endsAt != nil && endsAt == ends.first)
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

    /// Whether it can be ended at the end of its period, and that taken back.
    var isLiving: Bool { Self.living.contains(self) }
    static let living = givingPlan + [.unpaid, .paused]
    /// The plan is that of its price, as far as the grace of a debt goes.
    static let givingPlan = [active, trialing, pastDue]

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

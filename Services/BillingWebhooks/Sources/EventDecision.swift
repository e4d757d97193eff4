import Models

/// What came of an event, as it is stored with it.
enum EventOutcome: String, Sendable {
    case applied
    /// A type that means nothing to us, or nothing yet.
    case kept
    /// Everything it says was known from a later event.
    case stale
    /// The price is not in the catalogue: the plan stays as it is.
    case unknownPrice = "unknown_price"
    /// It names an organization that does not exist.
    case unknownOrganization = "unknown_organization"
}

/// What an event changes, given what was known before it.
struct EventDecision: Sendable {
    let outcome: EventOutcome
    /// The subscription's new state, if the event changes it.
    let change: SubscriptionChange?
    /// The organization that the event's customer and subscription now belong to.
    let binding: OrgID?

    struct SubscriptionChange: Sendable {
        let snapshot: SubscriptionSnapshot
        let state: SubscriptionState
    }

    init(_ event: StripeEvent, known: SubscriptionState?, organizationExists: Bool, prices: PriceCatalogue) {
        let snapshot = SubscriptionSnapshot(event)
        let named = event.namedOrganization.map { OrgID($0) }
        let binds = snapshot != nil || event.type == "checkout.session.completed"
        binding = binds && organizationExists ? named : nil
        guard let snapshot else {
            change = nil
            outcome = binding != nil ? .applied : binds && named != nil ? .unknownOrganization : .kept
            return
        }
        let plan = prices.plan(for: snapshot.priceIDs)
        let news = SubscriptionState(snapshot, of: event, plan: plan)
        let state = known?.merged(with: news) ?? news
        // What is said about a subscription after its end is no news, whatever its price.
        let isOver = known.map { $0.status == state.status && $0.status.value.isTerminal } ?? false
        change = state == known || isOver ? nil : SubscriptionChange(snapshot: snapshot, state: state)
        outcome =
            named != nil && !organizationExists
            ? .unknownOrganization : plan == nil ? .unknownPrice : change == nil ? .stale : .applied
    }
}

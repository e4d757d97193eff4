import Models

/// What came of an event, as it is stored with it.
enum EventOutcome: String, Sendable, CaseIterable {
    case applied
    /// A type that means nothing to us, or nothing yet.
    case kept
    /// Everything it says was known from a later event.
    case stale
    /// The price is not in the catalogue: the plan stays as it is.
    case unknownPrice = "unknown_price"
    /// It names an organization that does not exist.
    case unknownOrganization = "unknown_organization"
    /// It comes from Stripe's test mode, and this is the real one.
    case test
}

/// What a report changes, given what was known before it.
struct Decision: Sendable {
    let outcome: EventOutcome
    /// The subscription's new state, if the report changes it.
    let change: SubscriptionChange?
    /// The organization that the report's customer and subscription now belong to.
    let binding: OrgID?
    let refresh: Refresh

    /// When Stripe is to be asked for the subscriptions of the report's customer.
    enum Refresh: Sendable {
        case unneeded
        case daily
        /// Another report of the same second says something else, or the report's subscription is unknown.
        case atOnce
    }

    struct SubscriptionChange: Sendable {
        let snapshot: SubscriptionSnapshot
        let state: SubscriptionState
    }

    init(_ report: StripeReport, known: SubscriptionState?, organizationExists: Bool, prices: PriceCatalogue) {
        let named = report.namedOrganization.map { OrgID($0) }
        binding = report.binds && organizationExists ? named : nil
        guard let reported = report.state else {
            change = nil
            refresh =
                report.subscriptionID != nil && known == nil ? .atOnce : report.binds ? .daily : .unneeded
            outcome =
                report.source == .testEvent
                ? .test : binding != nil ? .applied : report.binds && named != nil ? .unknownOrganization : .kept
            return
        }
        let plan = prices.plan(for: reported.snapshot.priceIDs)
        let news = SubscriptionState(reported, plan: plan)
        let state = known?.merged(with: news) ?? news
        // What is said about a subscription after its end is no news, whatever its price.
        let isOver = known.map { $0.status == state.status && $0.status.value.isTerminal } ?? false
        change = state == known || isOver ? nil : SubscriptionChange(snapshot: reported.snapshot, state: state)
        let isContested = known.map { !isOver && report.source != .asking && $0.isContested(by: news) } ?? false
        refresh = isContested ? .atOnce : .daily
        outcome =
            named != nil && !organizationExists
            ? .unknownOrganization : plan == nil ? .unknownPrice : change == nil ? .stale : .applied
    }
}

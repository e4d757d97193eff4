import Crypto
import JSON
import Models

/// What Stripe says of its objects at a moment: in an event, or when it is asked.
struct StripeReport: Sendable {
    /// Unique to the report; an event's id.
    let sourceID: String
    let reportedAt: Timestamp
    let customerID: String?
    let subscriptionID: String?
    /// The organization that it names, which need not exist.
    let namedOrganization: String?
    /// The state of the subscription; nil when the report is about something else.
    let state: ReportedState?
    /// Whether customer and subscription belong to the organization that is named.
    let binds: Bool
    let source: Source

    enum Source: Sendable {
        case event
        /// An event of Stripe's test mode where the real mode counts: nothing that it says does.
        case testEvent
        /// Stripe was asked, so that it knew all that it had told before.
        case asking
    }

    struct ReportedState: Sendable {
        let snapshot: SubscriptionSnapshot
        let position: EventPosition
    }

    init(_ event: StripeEvent) {
        sourceID = event.id
        reportedAt = event.occurredAt
        customerID = event.customerID
        subscriptionID = event.subscriptionID
        namedOrganization = event.namedOrganization
        state = SubscriptionSnapshot(event).map { snapshot in
            // The creation of a subscription comes before everything else that happened to it in that second.
            let order = event.type == "customer.subscription.created" ? 0 : 1
            let position = EventPosition(
                at: event.occurredAt, rank: snapshot.status.rank * 2 + order, eventID: event.id)
            return ReportedState(snapshot: snapshot, position: position)
        }
        binds = state != nil || event.type == "checkout.session.completed"
        source = .event
    }

    /// Says nothing; see ``Source/testEvent``.
    init(ofTest event: StripeEvent) {
        sourceID = event.id
        reportedAt = event.occurredAt
        customerID = nil
        subscriptionID = nil
        namedOrganization = nil
        state = nil
        binds = false
        source = .testEvent
    }

    /// A subscription as Stripe showed it when asked; nil for what is none. What was known when Stripe was asked is older
    /// than the answer, whatever the clocks say.
    init?(subscription object: JSON, in answer: StripeAnswer, after known: EventPosition?) {
        guard let snapshot = SubscriptionSnapshot(object) else { return nil }
        let asOf = Timestamp(milliseconds: answer.asOf * 1000)
        reportedAt = max(asOf, known?.at ?? asOf)
        sourceID = Random.identifier(prefix: "asked")
        customerID = snapshot.customerID
        subscriptionID = snapshot.subscriptionID
        namedOrganization = object["metadata"]?["orgId"]?.identifier
        state = ReportedState(
            snapshot: snapshot,
            position: EventPosition(
                at: reportedAt, rank: max(EventPosition.askedRank, known.map { $0.rank + 1 } ?? 0), eventID: sourceID))
        binds = true
        source = .asking
    }
}

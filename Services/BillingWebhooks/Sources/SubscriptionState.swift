import Models

/// Where an event stands among the events of a subscription, in whatever order they arrive.
struct EventPosition: Comparable, Sendable {
    let at: Timestamp
    let rank: Int
    let eventID: String

    static func < (left: EventPosition, right: EventPosition) -> Bool {
        (left.at.milliseconds, left.rank, left.eventID) < (right.at.milliseconds, right.rank, right.eventID)
    }
}

/// The state of a subscription after some of its events. Merging is commutative, associative and idempotent, so the
/// same events give the same state in any order and any number of deliveries.
struct SubscriptionState: Sendable, Equatable {
    var status: Status
    var plan: Priced?

    struct Status: Sendable, Equatable {
        let value: SubscriptionStatus
        let currentPeriodEnd: Timestamp?
        let cancelAtPeriodEnd: Bool
        let position: EventPosition
    }

    struct Priced: Sendable, Equatable {
        let plan: Plan
        let position: EventPosition
    }

    init(status: Status, plan: Priced?) {
        self.status = status
        self.plan = plan
    }

    /// The state that one event alone makes; `plan` is nil when its price is not one of ours.
    init(_ snapshot: SubscriptionSnapshot, of event: StripeEvent, plan: Plan?) {
        // The creation of a subscription comes before everything else that happened to it in that second.
        let order = event.type == "customer.subscription.created" ? 0 : 1
        let position = EventPosition(
            at: event.occurredAt, rank: snapshot.status.rank * 2 + order, eventID: event.id)
        status = Status(
            value: snapshot.status, currentPeriodEnd: snapshot.currentPeriodEnd,
            cancelAtPeriodEnd: snapshot.cancelAtPeriodEnd, position: position)
        self.plan = plan.map { Priced(plan: $0, position: position) }
    }

    func merged(with other: SubscriptionState) -> SubscriptionState {
        SubscriptionState(status: max(status, other.status), plan: Self.newer(plan, other.plan))
    }

    private static func newer(_ left: Priced?, _ right: Priced?) -> Priced? {
        guard let left, let right else { return left ?? right }
        return left.position < right.position ? right : left
    }
}

extension SubscriptionState.Status: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        left.value.isTerminal == right.value.isTerminal
            ? left.position < right.position : right.value.isTerminal
    }
}

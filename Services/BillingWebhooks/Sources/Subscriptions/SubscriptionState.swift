import Models

/// Where a report stands among the reports of a subscription, in whatever order they arrive.
struct EventPosition: Comparable, Sendable {
    let at: Timestamp
    let rank: Int
    let eventID: String

    /// Above that of every event: what Stripe says when it is asked comes after the events that made it ask.
    static let askedRank = 100

    static func < (left: EventPosition, right: EventPosition) -> Bool {
        (left.at.milliseconds, left.rank, left.eventID) < (right.at.milliseconds, right.rank, right.eventID)
    }
}

/// The state of a subscription after some reports. Merging is commutative, associative and idempotent, so the
/// same reports give the same state in any order and any number of deliveries.
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

    /// The state that one report alone makes; `plan` is nil when its price is not one of ours.
    init(_ reported: StripeReport.ReportedState, plan: Plan?) {
        status = Status(
            value: reported.snapshot.status, currentPeriodEnd: reported.snapshot.currentPeriodEnd,
            cancelAtPeriodEnd: reported.snapshot.cancelAtPeriodEnd, position: reported.position)
        self.plan = plan.map { Priced(plan: $0, position: reported.position) }
    }

    /// Whether `news` is of the second of what is known, and says something else.
    func isContested(by news: SubscriptionState) -> Bool {
        let says = news.status
        let isSame =
            says.value == status.value && says.currentPeriodEnd == status.currentPeriodEnd
            && says.cancelAtPeriodEnd == status.cancelAtPeriodEnd && (news.plan == nil || news.plan?.plan == plan?.plan)
        return says.position.at == status.position.at && !isSame
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

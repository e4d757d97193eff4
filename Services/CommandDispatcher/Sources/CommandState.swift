import JSON
import Models

/// What is known of a command, and the only place that decides what an event makes of it.
struct CommandState: Equatable {
    var status: CommandStatus = .pending
    var outcome: CommandOutcome?
    var result: JSON?
    var error: CommandError?
    var attempts = 0
    /// The device's session that the command was last delivered to.
    var session: String?
    let createdAt: Timestamp
    let expiresAt: Timestamp
    /// Of a pending command that comes from a backup: it may have been sent since.
    var sentAt: Timestamp?
    var finishedAt: Timestamp?
    var resolvedAt: Timestamp?

    enum Event: Equatable {
        /// It goes to the device now.
        case claimed(session: String)
        /// It is certain that the device did not get it.
        case notDelivered
        /// The device told, unasked, how it went.
        case answered(DeviceAnswer, session: String)
        /// The device was asked, and found it done in its journal.
        case foundDone(DeviceAnswer)
        /// The device was asked, and is at it.
        case foundRunning
        /// The device was asked, and has never got it; the cloud heard so at that moment.
        case neverArrived(session: String, heardAt: Timestamp)
        /// Time has passed.
        case tick
        case cancelled
    }

    struct Transition: Equatable {
        var next: CommandState
        var announced: [Announcement] = []
        /// The device has done it: what a completed command leaves behind is to be stored.
        var leavesOutput = false
        /// It never arrived: it is to be sent once more.
        var isToBeSentAgain = false
    }

    /// What the world is told.
    enum Announcement { case completed, failed, timeout, resolved }

    /// A delivery that is still under way this long after the claim is refused by the gateway, whose limit is shorter.
    static let deliverySettled = Duration.seconds(10)

    /// What `event` makes of this state, or nil when it changes nothing (and a cancellation is refused).
    func after(_ event: Event, at now: Timestamp) -> Transition? {
        switch (status, event) {
        case (.pending, .claimed(let session)): claimed(session: session, at: now)
        case (.sent, .notDelivered): withdrawn(countingAttempt: false, at: now)
        case (.pending, .tick), (.sent, .tick): now >= expiresAt ? timedOut(at: now) : nil
        case (.pending, .cancelled) where sentAt == nil: finished(.cancelled, .notExecuted, at: now)
        case (_, .answered(let answer, let session)):
            answered(answer, resolves: session != self.session, at: now)
        case (_, .foundDone(let answer)): answered(answer, resolves: true, at: now)
        case (_, .neverArrived(let session, let heardAt)): neverArrived(session: session, heardAt: heardAt, at: now)
        default: nil
        }
    }

    private func claimed(session: String, at now: Timestamp) -> Transition? {
        guard now < expiresAt else { return nil }
        var next = self
        (next.status, next.outcome, next.session, next.sentAt) = (.sent, .unknown, session, now)
        next.attempts += 1
        return Transition(next: next)
    }

    /// Back into the queue. What has run out of time meanwhile ends as a command that was never delivered.
    private func withdrawn(countingAttempt: Bool, at now: Timestamp) -> Transition? {
        var next = self
        (next.status, next.outcome, next.sentAt) = (.pending, nil, nil)
        if !countingAttempt { next.attempts -= 1 }
        return now < expiresAt ? Transition(next: next) : next.timedOut(at: now)
    }

    private func timedOut(at now: Timestamp) -> Transition {
        let mayHaveArrived = sentAt != nil
        var transition = finished(.timeout, mayHaveArrived ? .unknown : .notExecuted, at: now)
        transition.next.error = CommandError(
            code: "E500", message: "Command timed out after \((expiresAt - createdAt).components.seconds)s",
            retryable: !mayHaveArrived)
        transition.announced = [.timeout]
        return transition
    }

    private func answered(_ answer: DeviceAnswer, resolves: Bool, at now: Timestamp) -> Transition? {
        switch status {
        case .pending, .sent: answeredInTime(answer, resolves: resolves && status == .sent, at: now)
        case .timeout, .cancelled: answeredLate(answer, at: now)
        default: nil
        }
    }

    private func answeredInTime(_ answer: DeviceAnswer, resolves: Bool, at now: Timestamp) -> Transition {
        var transition: Transition
        switch answer {
        case .ok(let data):
            transition = finished(.completed, .executed, at: now)
            (transition.next.result, transition.leavesOutput) = (data, true)
            transition.announced = [.completed]
        case .error(let error):
            transition = finished(.failed, .notExecuted, at: now)
            transition.next.error = error
            transition.announced = [.failed]
        }
        if resolves {
            transition.next.resolvedAt = now
            transition.announced.append(.resolved)
        }
        return transition
    }

    /// Paper that came out is recorded whatever was believed before; a failure only settles what was unknown.
    private func answeredLate(_ answer: DeviceAnswer, at now: Timestamp) -> Transition? {
        var next = self
        next.resolvedAt = now
        switch answer {
        case .ok(let data) where outcome != .executed:
            (next.outcome, next.result) = (.executed, data)
            next.error = next.error?.with(retryable: false)
            return Transition(next: next, announced: [.resolved], leavesOutput: true)
        case .error(let error) where outcome == .unknown:
            (next.outcome, next.error) = (.notExecuted, error)
            return Transition(next: next, announced: [.resolved])
        default:
            return nil
        }
    }

    private func neverArrived(session: String, heardAt: Timestamp, at now: Timestamp) -> Transition? {
        guard let sentAt, let delivered = self.session, outcome == .unknown else { return nil }
        // The names of sessions sort by age. What an older socket says, or that of the delivery itself, may have been
        // said before the frame arrived; and it may have been waiting here, in a replica that was stopped.
        guard session > delivered || heardAt >= sentAt + Self.deliverySettled else { return nil }
        if status == .sent, now < expiresAt {
            var again = withdrawn(countingAttempt: true, at: now)
            again?.isToBeSentAgain = true
            return again
        }
        var transition = status == .sent ? timedOut(at: now) : Transition(next: self)
        (transition.next.outcome, transition.next.resolvedAt) = (.notExecuted, now)
        transition.next.error = transition.next.error?.with(retryable: true)
        transition.announced.append(.resolved)
        return transition
    }

    private func finished(_ status: CommandStatus, _ outcome: CommandOutcome, at now: Timestamp) -> Transition {
        var next = self
        (next.status, next.outcome, next.finishedAt) = (status, outcome, now)
        return Transition(next: next)
    }
}

extension CommandError {
    fileprivate func with(retryable: Bool) -> CommandError {
        CommandError(code: code, message: message, retryable: retryable)
    }
}

import JSON
import Models
import Testing

@testable import CommandDispatcher

private let start = Timestamp(milliseconds: 1_775_722_200_000)
private let inTime = start + .seconds(60)
private let deadline = start + .seconds(180)
private let printed = DeviceAnswer.ok(data: ["receiptNumber": "0000123"])
private let jam = CommandError(code: "E100", message: "Paper jam", retryable: true)
private let expired = CommandError(code: "EXPIRED", message: "Too late", retryable: true)
private let first = "session 1"
private let second = "session 2"
private let third = "session 3"

private func pending() -> CommandState { CommandState(createdAt: start, expiresAt: deadline) }

private func after(_ events: (CommandState.Event, Timestamp)...) -> CommandState {
    events.reduce(pending()) { state, step in state.after(step.0, at: step.1)?.next ?? state }
}

private let restored = {
    var state = pending()
    (state.session, state.sentAt) = ("", inTime)
    return state
}()
private let sent = after((.claimed(session: first), start))
private let completed = after((.claimed(session: first), start), (.answered(printed, session: first), inTime))
private let failed = after((.claimed(session: first), start), (.answered(.error(jam), session: first), inTime))
private let cancelled = after((.cancelled, inTime))
private let neverSent = after((.tick, deadline))
private let lost = after((.claimed(session: first), start), (.tick, deadline))
private let foundLate = after(
    (.claimed(session: first), start), (.tick, deadline), (.foundDone(printed), deadline))

/// One arrow of contract §5.
struct Arrow: CustomTestStringConvertible {
    let name: String
    let from: CommandState
    let event: CommandState.Event
    let at: Timestamp
    let status: CommandStatus
    let outcome: CommandOutcome?
    let announced: [CommandState.Announcement]
    var output = false
    var resolved = false
    var attempts: Int?
    var testDescription: String { name }
}

private let arrows: [Arrow] = [
    Arrow(
        name: "pending, delivered", from: pending(), event: .claimed(session: first), at: inTime, status: .sent,
        outcome: .unknown, announced: [], attempts: 1),
    Arrow(
        name: "pending, out of time", from: pending(), event: .tick, at: deadline, status: .timeout,
        outcome: .notExecuted, announced: [.timeout]),
    Arrow(
        name: "pending in a backup, perhaps sent since, out of time", from: restored, event: .tick, at: deadline,
        status: .timeout, outcome: .unknown, announced: [.timeout]),
    Arrow(
        name: "pending, cancelled", from: pending(), event: .cancelled, at: inTime, status: .cancelled,
        outcome: .notExecuted, announced: []),
    Arrow(
        name: "pending, but the device has done it", from: pending(), event: .answered(printed, session: first),
        at: inTime, status: .completed, outcome: .executed, announced: [.completed], output: true),
    Arrow(
        name: "sent, done", from: sent, event: .answered(printed, session: first), at: inTime, status: .completed,
        outcome: .executed, announced: [.completed], output: true),
    Arrow(
        name: "sent, refused by the register", from: sent, event: .answered(.error(jam), session: first), at: inTime,
        status: .failed, outcome: .notExecuted, announced: [.failed]),
    Arrow(
        name: "sent, expired at the device", from: sent, event: .answered(.error(expired), session: first), at: inTime,
        status: .failed, outcome: .notExecuted, announced: [.failed]),
    Arrow(
        name: "sent, the answer repeated on the next connection", from: sent,
        event: .answered(printed, session: second), at: inTime, status: .completed, outcome: .executed,
        announced: [.completed, .resolved], output: true, resolved: true),
    Arrow(
        name: "sent, found done in the journal", from: sent, event: .foundDone(printed),
        at: inTime, status: .completed, outcome: .executed, announced: [.completed, .resolved], output: true,
        resolved: true),
    Arrow(
        name: "sent, found refused in the journal", from: sent,
        event: .foundDone(.error(jam)), at: inTime, status: .failed, outcome: .notExecuted,
        announced: [.failed, .resolved], resolved: true),
    Arrow(
        name: "sent, never arrived, in time", from: sent, event: .neverArrived(session: second, heardAt: inTime),
        at: inTime,
        status: .pending, outcome: nil, announced: [], attempts: 1),
    Arrow(
        name: "sent, never arrived on its own session", from: sent,
        event: .neverArrived(session: first, heardAt: start + .seconds(10)), at: start + .seconds(10), status: .pending,
        outcome: nil, announced: [], attempts: 1),
    Arrow(
        name: "sent, never arrived, too late to send again", from: sent,
        event: .neverArrived(session: second, heardAt: deadline), at: deadline, status: .timeout, outcome: .notExecuted,
        announced: [.timeout, .resolved], resolved: true),
    Arrow(
        name: "sent, out of time", from: sent, event: .tick, at: deadline, status: .timeout, outcome: .unknown,
        announced: [.timeout]),
    Arrow(
        name: "sent, not delivered after all", from: sent, event: .notDelivered, at: inTime, status: .pending,
        outcome: nil, announced: [], attempts: 0),
    Arrow(
        name: "sent, not delivered after all and out of time", from: sent, event: .notDelivered, at: deadline,
        status: .timeout, outcome: .notExecuted, announced: [.timeout], attempts: 0),
    Arrow(
        name: "sent, done at the very last moment", from: sent, event: .answered(printed, session: first), at: deadline,
        status: .completed, outcome: .executed, announced: [.completed], output: true),
    Arrow(
        name: "timed out unknown, late answer", from: lost, event: .answered(printed, session: first), at: deadline,
        status: .timeout, outcome: .executed, announced: [.resolved], output: true, resolved: true),
    Arrow(
        name: "timed out unknown, found done", from: lost, event: .foundDone(printed),
        at: deadline, status: .timeout, outcome: .executed, announced: [.resolved], output: true, resolved: true),
    Arrow(
        name: "timed out unknown, expired at the device", from: lost,
        event: .answered(.error(expired), session: second), at: deadline, status: .timeout, outcome: .notExecuted,
        announced: [.resolved], resolved: true),
    Arrow(
        name: "timed out unknown, never arrived", from: lost,
        event: .neverArrived(session: second, heardAt: deadline), at: deadline,
        status: .timeout, outcome: .notExecuted, announced: [.resolved], resolved: true),
    Arrow(
        name: "timed out undelivered, printed nevertheless", from: neverSent,
        event: .answered(printed, session: second), at: deadline, status: .timeout, outcome: .executed,
        announced: [.resolved], output: true, resolved: true),
    Arrow(
        name: "cancelled, printed nevertheless", from: cancelled, event: .foundDone(printed),
        at: inTime, status: .cancelled, outcome: .executed, announced: [.resolved], output: true, resolved: true),
]

private let everyEvent: [CommandState.Event] = [
    .claimed(session: second), .notDelivered, .answered(printed, session: second),
    .answered(.error(jam), session: second), .foundDone(printed),
    .foundRunning, .neverArrived(session: second, heardAt: inTime), .tick, .cancelled,
]

@Suite("The state of a command") struct CommandStateTests {
    @Test("follows every arrow of the contract", arguments: arrows)
    func arrow(_ arrow: Arrow) throws {
        let transition = try #require(arrow.from.after(arrow.event, at: arrow.at))
        #expect(transition.next.status == arrow.status)
        #expect(transition.next.outcome == arrow.outcome)
        #expect(transition.announced == arrow.announced)
        #expect(transition.leavesOutput == arrow.output)
        #expect((transition.next.resolvedAt != nil) == arrow.resolved)
        if let attempts = arrow.attempts { #expect(transition.next.attempts == attempts) }
    }

    @Test(
        "never changes a status that is final", arguments: [completed, failed, cancelled, neverSent, lost, foundLate])
    func finalStatus(_ state: CommandState) {
        for event in everyEvent {
            guard let transition = state.after(event, at: deadline) else { continue }
            #expect(transition.next.status == state.status)
            #expect(transition.next.finishedAt == state.finishedAt)
        }
    }

    @Test("counts an answer once", arguments: [completed, failed, foundLate])
    func duplicates(_ state: CommandState) {
        for event in everyEvent { #expect(state.after(event, at: deadline) == nil) }
    }

    @Test(
        "cannot be cancelled once it was sent, or may have been",
        arguments: [sent, completed, failed, cancelled, lost, restored])
    func cancellation(_ state: CommandState) {
        #expect(state.after(.cancelled, at: inTime) == nil)
    }

    @Test("is not delivered after its deadline")
    func lateDelivery() {
        #expect(pending().after(.claimed(session: first), at: deadline) == nil)
    }

    @Test("waits on while the device is at it, before and after the deadline", arguments: [sent, lost])
    func running(_ state: CommandState) {
        #expect(state.after(.foundRunning, at: deadline) == nil)
    }

    @Test("does not believe that a frame never arrived which may still be on its way")
    func frameUnderWay() {
        let soon = start + .seconds(9)
        #expect(sent.after(.neverArrived(session: first, heardAt: soon), at: soon) == nil)
    }

    @Test("does not believe what was heard before the frame was sent, however late it is applied")
    func saidBefore() {
        let again = after(
            (.claimed(session: first), start), (.neverArrived(session: second, heardAt: inTime), inTime),
            (.claimed(session: third), inTime))
        let later = inTime + .seconds(60)
        for session in [first, second, third] {
            #expect(again.after(.neverArrived(session: session, heardAt: inTime), at: later) == nil)
        }
        #expect(again.after(.neverArrived(session: third, heardAt: later), at: later) != nil)
    }

    @Test("says that trying again is safe only when nothing was printed")
    func retryable() throws {
        #expect(neverSent.error?.retryable == true)
        #expect(lost.error?.retryable == false)
        #expect(lost.error?.code == "E500")
        #expect(lost.error?.message == "Command timed out after 180s")
        let resolved = try #require(lost.after(.neverArrived(session: second, heardAt: deadline), at: deadline))
        #expect(resolved.next.error?.retryable == true)
    }

    @Test("keeps the count of deliveries when it is sent again")
    func attempts() throws {
        let again = after(
            (.claimed(session: first), start), (.neverArrived(session: second, heardAt: inTime), inTime),
            (.claimed(session: second), inTime))
        #expect(again.attempts == 2)
        #expect(again.session == second)
    }
}

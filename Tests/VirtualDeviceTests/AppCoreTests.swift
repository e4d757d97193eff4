import JSON
import Models
import Testing

@testable import VirtualDevice

private let now: Timestamp = "2026-04-09T08:10:00.000Z"
private let first = Order(id: "cmd_1", type: "print_receipt", expiresAt: "2026-04-09T08:13:00.000Z")
private let second = Order(id: "cmd_2", type: "get_cash_amount", expiresAt: "2026-04-09T08:13:00.000Z")
private let late = Order(id: "cmd_3", type: "print_receipt", expiresAt: "2026-04-09T08:09:59.999Z")
private let answer = Answer.done(["receiptNumber": "0000001"])

private struct Step: Sendable {
    let event: AppCore.Event
    let effects: [AppCore.Effect]

    init(_ event: AppCore.Event, _ effects: AppCore.Effect...) {
        self.event = event
        self.effects = effects
    }
}

private struct Story: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var lines: [JournalLine] = []
    let steps: [Step]
}

@Suite("The app decides") struct AppCoreTests {
    private static let arrival = [
        Step(.command(first), .journal(.accepted(first)), .journal(.started("cmd_1"))),
        Step(.durable(.accepted(first)), .send(.accepted("cmd_1"))),
        Step(.durable(.started("cmd_1")), .execute(first)),
    ]

    private static let stories = [
        Story(
            testDescription: "a command is journalled, then accepted, then executed, then answered until acknowledged",
            steps: arrival + [
                Step(.answered("cmd_1", answer), .journal(.executed("cmd_1", answer))),
                Step(.durable(.executed("cmd_1", answer)), .send(.result("cmd_1", answer))),
                Step(.welcomed(Conditions()), .send(.status(Conditions())), .send(.result("cmd_1", answer))),
                Step(.ack("cmd_1"), .journal(.acked("cmd_1"))),
                Step(.ack("cmd_1")),
                Step(.welcomed(Conditions()), .send(.status(Conditions()))),
            ]),
        Story(
            testDescription: "a second command waits until the first is answered",
            steps: arrival + [
                Step(.command(second), .journal(.accepted(second))),
                Step(.durable(.accepted(second)), .send(.accepted("cmd_2"))),
                Step(.answered("cmd_1", answer), .journal(.executed("cmd_1", answer))),
                Step(
                    .durable(.executed("cmd_1", answer)), .send(.result("cmd_1", answer)), .journal(.started("cmd_2"))),
                Step(.durable(.started("cmd_2")), .execute(second)),
            ]),
        Story(
            testDescription: "nobody hears of a command that comes again before it is on the disk",
            steps: [arrival[0], Step(.command(first)), arrival[1], Step(.command(first), .send(.accepted("cmd_1")))]),
        Story(
            testDescription: "a command that comes again is answered again and never executed again",
            lines: [.accepted(first), .started("cmd_1"), .executed("cmd_1", answer), .acked("cmd_1")],
            steps: [Step(.command(first), .send(.result("cmd_1", answer)))]),
        Story(
            testDescription: "a command that comes after its time is not started",
            steps: [
                Step(.command(late), .journal(.accepted(late)), .journal(.executed("cmd_3", .expired))),
                Step(.durable(.accepted(late)), .send(.accepted("cmd_3"))),
                Step(.durable(.executed("cmd_3", .expired)), .send(.result("cmd_3", .expired))),
            ]),
        Story(
            testDescription: "a query tells what is executed, what runs and what never arrived",
            lines: [.accepted(second), .started("cmd_2"), .executed("cmd_2", answer)],
            steps: [
                arrival[0],
                Step(
                    .query(["cmd_2", "cmd_1", "cmd_9"]),
                    .send(.journal([("cmd_2", .executed(answer)), ("cmd_1", .running), ("cmd_9", .unknown)]))),
            ]),
        Story(
            testDescription: "after a crash the register's word completes the journal",
            lines: [.accepted(first), .started("cmd_1"), .accepted(second)],
            steps: [
                Step(
                    .started(printed: ["cmd_1": answer]), .journal(.executed("cmd_1", answer)),
                    .journal(.started("cmd_2"))),
                Step(.durable(.executed("cmd_1", answer)), .send(.result("cmd_1", answer))),
                Step(.durable(.started("cmd_2")), .execute(second)),
            ]),
        Story(
            testDescription: "after a crash what was not printed is begun anew",
            lines: [.accepted(first), .started("cmd_1")],
            steps: [Step(.started(printed: [:]), .journal(.started("cmd_1"))), arrival[2]]),
        Story(
            testDescription: "after a crash what was not printed and is late by now is given up",
            lines: [.accepted(late), .started("cmd_3")],
            steps: [
                Step(.started(printed: [:]), .journal(.executed("cmd_3", .expired))),
                Step(.durable(.executed("cmd_3", .expired)), .send(.result("cmd_3", .expired))),
            ]),
        Story(
            testDescription: "what waited too long behind another is given up, and the next one begins",
            lines: [],
            steps: arrival + [
                Step(.command(late), .journal(.accepted(late))), Step(.command(second), .journal(.accepted(second))),
                Step(
                    .durable(.executed("cmd_1", answer)), .send(.result("cmd_1", answer)),
                    .journal(.executed("cmd_3", .expired)), .journal(.started("cmd_2"))),
            ]),
    ]

    @Test("event by event", arguments: stories)
    private func story(_ story: Story) {
        var core = AppCore(journal: story.lines.reduce(into: Journal()) { $0.apply($1) })
        for (number, step) in story.steps.enumerated() {
            #expect(core.handle(step.event, at: now) == step.effects, "step \(number + 1)")
        }
    }

    @Test("counts how often the cloud sends a command")
    func deliveries() {
        var core = AppCore()
        for _ in 0..<3 { _ = core.handle(.command(first), at: now) }
        #expect(core.deliveries == ["cmd_1": 3])
    }

    @Test("splits the answer to a long query into frames below the limit")
    func longQuery() {
        let long = Answer.done(["text": .string(String(repeating: "x", count: 60_000))])
        let frames = AppFrame.journals((0..<10).map { (CommandID("cmd_\($0)"), .executed(long)) })
        #expect(frames.count == 5)
        #expect(frames.allSatisfy { $0.json.serialized().count < 256 * 1024 })
        #expect(AppFrame.journals([]).isEmpty)
    }
}

import JSON
import Models
import Testing

@testable import VirtualDevice

/// An app with its register whose disk and process are in the test's hand.
private struct Machine {
    static let now: Timestamp = "2026-04-09T08:10:00.000Z"
    var journal: [JournalLine] = []
    var memory: [FiscalRecord] = [.commissioning(at: now)]
    var received: [AppFrame] = []
    private(set) var core = AppCore()
    private(set) var register = Register(device: "dev_1")
    private var pending: [AppCore.Effect] = []
    private var stepsLeft = 0

    /// A new process with what is on the disk. It dies after so many steps.
    mutating func start(stepsLeft: Int) {
        self.stepsLeft = stepsLeft
        pending = []
        core = AppCore(journal: journal.reduce(into: Journal()) { $0.apply($1) })
        let memory = memory.reduce(into: RegisterMemory()) { $0.apply($1) }
        register = Register(device: "dev_1", memory: memory)
        let printed = core.journal.open.compactMap { id in memory.answer(id).map { (id, Answer.done($0)) } }
        feed(.started(printed: Dictionary(uniqueKeysWithValues: printed)))
        feed(.welcomed(Conditions()))
    }

    var isAlive: Bool { stepsLeft > 0 }

    mutating func feed(_ event: AppCore.Event) {
        guard isAlive else { return }
        pending += core.handle(event, at: Self.now)
        while isAlive, !pending.isEmpty { step(pending.removeFirst()) }
    }

    /// One step is one thing that the outside world keeps.
    private mutating func step(_ effect: AppCore.Effect) {
        stepsLeft -= 1
        guard isAlive else { return }
        switch effect {
        case .send(let frame): received.append(frame)
        case .journal(let line):
            journal.append(line)
            pending += core.handle(.durable(line), at: Self.now)
        case .execute(let order):
            guard case .recorded(let record) = register.reaction(to: order, at: Self.now) else { return }
            memory.append(record)
            register.remember(record)
            stepsLeft -= 1
            guard isAlive else { return }
            pending += core.handle(.answered(order.id, .done(record.data)), at: Self.now)
        }
    }
}

@Suite("A crash at any point") struct CrashTests {
    private static let order = Order(
        id: "cmd_1", type: "print_receipt",
        payload: [
            "items": [["name": "Cafea", "quantity": 1, "price": 10, "vatRate": 11]],
            "payments": [["type": "cash", "amount": 10]],
        ], expiresAt: "2026-04-09T08:13:00.000Z")

    /// Up to two crashes, wherever they hit: the cloud asks, sends again only what never arrived, and acknowledges.
    @Test("prints once and loses no answer", arguments: 1...12, 1...12)
    func once(_ firstCrash: Int, _ secondCrash: Int) {
        var machine = Machine()
        machine.start(stepsLeft: firstCrash)
        machine.feed(.command(Self.order))
        for steps in [secondCrash, .max] {
            machine.received = []
            machine.start(stepsLeft: steps)
            machine.feed(.query([Self.order.id]))
            if machine.received.contains(.journal([(Self.order.id, .unknown)])) { machine.feed(.command(Self.order)) }
        }
        let results = machine.received.filter { if case .result = $0 { true } else { false } }
        let journalled = machine.received.contains {
            if case .journal(let entries) = $0 { entries[0].1 == .running } else { false }
        }
        #expect(machine.register.memory.prints == [Self.order.id: 1])
        #expect(!results.isEmpty || journalled)
        #expect(machine.core.journal.unacked == [Self.order.id])
        machine.feed(.ack(Self.order.id))
        #expect(machine.core.journal.unacked.isEmpty)
        #expect(machine.core.running == nil)
    }
}

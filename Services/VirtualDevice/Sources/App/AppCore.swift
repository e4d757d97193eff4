import JSON
import Models

/// What the app decides, without any I/O: its journal comes before everything else.
struct AppCore {
    enum Event: Equatable {
        /// The process has started; `printed` is what the register says of the commands that the journal left open.
        case started(printed: [CommandID: Answer])
        case welcomed(Conditions)
        case command(Order)
        case ack(CommandID)
        case query([CommandID])
        /// The line is on disk.
        case durable(JournalLine)
        case answered(CommandID, Answer)
    }

    enum Effect: Equatable {
        /// Write the line, then say `durable`.
        case journal(JournalLine)
        /// Send the frame if there is a connection; whatever matters is repeated on the next one.
        case send(AppFrame)
        /// Let the register do it, then say `answered`.
        case execute(Order)
    }

    private(set) var journal: Journal
    /// The one command that the register works on.
    private(set) var running: CommandID?
    /// How often the cloud has sent each command since the process started.
    private(set) var deliveries: [CommandID: Int] = [:]
    private var waiting: [CommandID] = []
    /// Accepted, but not yet on disk: nobody may hear of them.
    private var arriving: Set<CommandID> = []

    init(journal: Journal = Journal()) { self.journal = journal }

    mutating func handle(_ event: Event, at now: Timestamp) -> [Effect] {
        switch event {
        case .started(let printed): resume(printed, now)
        case .welcomed(let conditions):
            [.send(.status(conditions))]
                + journal.unacked.compactMap { id in journal.answer(id).map { .send(.result(id, $0)) } }
        case .command(let order): receive(order, now)
        case .ack(let id): acknowledge(id)
        case .query(let ids): AppFrame.journals(ids.map { ($0, knowledge(of: $0)) }).map { .send($0) }
        case .durable(let line): proceed(after: line, now)
        case .answered(let id, let answer): [.journal(.executed(id, answer))]
        }
    }

    private mutating func resume(_ printed: [CommandID: Answer], _ now: Timestamp) -> [Effect] {
        waiting = journal.open.filter { printed[$0] == nil }
        let completed = journal.open.compactMap { id in printed[id].map { Effect.journal(.executed(id, $0)) } }
        return completed + startNext(now)
    }

    private mutating func receive(_ order: Order, _ now: Timestamp) -> [Effect] {
        deliveries[order.id, default: 0] += 1
        if let answer = journal.answer(order.id) { return [.send(.result(order.id, answer))] }
        if journal.order(order.id) != nil {
            return arriving.contains(order.id) ? [] : [.send(.accepted(order.id))]
        }
        journal.apply(.accepted(order))
        arriving.insert(order.id)
        waiting.append(order.id)
        return [.journal(.accepted(order))] + startNext(now)
    }

    private mutating func acknowledge(_ id: CommandID) -> [Effect] {
        guard journal.unacked.contains(id) else { return [] }
        journal.apply(.acked(id))
        return [.journal(.acked(id))]
    }

    private mutating func proceed(after line: JournalLine, _ now: Timestamp) -> [Effect] {
        switch line {
        case .accepted(let order):
            arriving.remove(order.id)
            return [.send(.accepted(order.id))]
        case .started(let id):
            guard running == id, let order = journal.order(id) else { return [] }
            return [.execute(order)]
        case .executed(let id, let answer):
            journal.apply(line)
            if running == id { running = nil }
            return [.send(.result(id, answer))] + startNext(now)
        case .acked: return []
        }
    }

    /// The next command in order of arrival; one that is too late by now is answered without being started.
    private mutating func startNext(_ now: Timestamp) -> [Effect] {
        var effects: [Effect] = []
        while running == nil, !waiting.isEmpty {
            let id = waiting.removeFirst()
            guard let order = journal.order(id) else { continue }
            if now > order.expiresAt {
                effects.append(.journal(.executed(id, .expired)))
            } else {
                running = id
                journal.apply(.started(id))
                effects.append(.journal(.started(id)))
            }
        }
        return effects
    }

    private func knowledge(of id: CommandID) -> AppFrame.Knowledge {
        if let answer = journal.answer(id) { return .executed(answer) }
        return journal.order(id) == nil ? .unknown : .running
    }
}

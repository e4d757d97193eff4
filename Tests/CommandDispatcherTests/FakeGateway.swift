import Bus
import EventLoop
import JSON
import Models
import TestSupport

/// A gateway whose devices keep a journal and count what they print.
@Loop final class FakeGateway {
    enum Behaviour {
        /// Does it and answers.
        case answer(DeviceAnswer)
        /// Does it, and the answer gets lost.
        case doItSilently(DeviceAnswer)
        /// The frame gets lost, though it was written.
        case lose
        /// The socket refuses the frame.
        case refuse
    }

    let bus: Bus
    private let presence: Presence
    var behaviour: (DeliverCommand) -> Behaviour = { _ in .answer(.ok(data: ["receiptNumber": "0001"])) }
    private(set) var delivered: [DeliverCommand] = []
    private(set) var queried: [QueryJournal] = []
    /// What the devices know: the journal survives every session.
    var journal: [CommandID: DeviceAnswer] = [:]
    private(set) var prints: [CommandID: Int] = [:]
    private(set) var verdicts: [CommandID: Verdict] = [:]
    private var sessions: [DeviceID: PresenceHolder] = [:]
    private var opened = 0

    init(_ redis: RedisServer) {
        bus = Bus(service: .gateway, instance: "gateway-1", redis: redis.url)
        presence = Presence(bus)
        bus.handle(DeliverCommand.self) { [unowned self] command, _ in
            delivered.append(command)
            return Delivery(receive(command))
        }
        bus.handle(QueryJournal.self) { [unowned self] query, _ in
            queried.append(query)
            Task.immediate { @Loop in try? await self.answer(query) }
            return Delivery(.written)
        }
    }

    /// Opens a socket of a device, without or with a word to the dispatcher.
    func connect(_ device: DeviceID, announced: Bool = true) async throws {
        opened += 1
        let session = "session-\(1000 + opened)"
        let holder = PresenceHolder(instance: bus.instance.id, session: session, epoch: Int64(opened))
        sessions[device] = holder
        _ = try await presence.claim(device, for: holder)
        guard announced else { return }
        _ = try await bus.call(
            DeviceConnected(deviceId: device, orgId: "acme_corp", instance: bus.instance.id, session: session),
            requestId: session)
    }

    func disconnect(_ device: DeviceID) async throws {
        guard let holder = sessions.removeValue(forKey: device) else { return }
        try await presence.release(device, held: holder)
    }

    func report(_ answer: DeviceAnswer, to id: CommandID, from device: DeviceID) async throws -> Verdict {
        let result = CommandResult(
            deviceId: device, orgId: "acme_corp", session: sessions[device]?.session ?? "none", commandId: id,
            answer: answer)
        let reply = try await bus.call(ReportResults(results: [result]), requestId: "report")
        verdicts[id] = reply.verdicts[0]
        return reply.verdicts[0]
    }

    /// Delivered ids of a device, in order.
    func ids(of device: DeviceID) -> [CommandID] { delivered.filter { $0.deviceId == device }.map(\.commandId) }

    private func receive(_ command: DeliverCommand) -> Delivery.Outcome {
        guard sessions[command.deviceId]?.session == command.session else { return .notDelivered }
        switch behaviour(command) {
        case .answer(let answer):
            execute(command, answer)
            Task.immediate { @Loop in
                _ = try? await self.report(answer, to: command.commandId, from: command.deviceId)
            }
        case .doItSilently(let answer): execute(command, answer)
        case .lose: break
        case .refuse: return .notDelivered
        }
        return .written
    }

    private func execute(_ command: DeliverCommand, _ answer: DeviceAnswer) {
        // An app never does what its journal holds already.
        guard journal.updateValue(answer, forKey: command.commandId) == nil else { return }
        prints[command.commandId, default: 0] += 1
    }

    private func answer(_ query: QueryJournal) async throws {
        let entries = query.commandIds.map { id in
            JournalEntry(commandId: id, state: journal[id] == nil ? .unknown : .executed, answer: journal[id])
        }
        let report = JournalReport(
            deviceId: query.deviceId, orgId: "acme_corp", session: query.session, entries: entries)
        let verdicts = try await bus.call(report, requestId: "journal").verdicts
        for (id, verdict) in zip(query.commandIds, verdicts) { self.verdicts[id] = verdict }
    }
}

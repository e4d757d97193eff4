import Bus
import Endpoints
import EventLoop
import Models
import TestSupport

/// A dispatcher that records what gateways tell it and answers as a test says.
@Loop final class FakeDispatcher {
    let bus: Bus
    private(set) var reports: [ReportResults] = []
    private(set) var journals: [JournalReport] = []
    private(set) var connected: [DeviceConnected] = []
    var answer: (ReportResults) throws -> [Verdict] = { $0.results.map { _ in .committed } }
    var answerToJournal: (JournalReport) -> [Verdict] = { $0.entries.map { _ in .committed } }

    init(_ redis: RedisServer) {
        bus = Bus(service: .commandDispatcher, instance: "dispatcher-1", redis: redis.url)
        bus.handle(ReportResults.self) { [unowned self] report, _ in
            reports.append(report)
            return Verdicts(try answer(report))
        }
        bus.handle(JournalReport.self) { [unowned self] report, _ in
            journals.append(report)
            return Verdicts(answerToJournal(report))
        }
        bus.handle(DeviceConnected.self) { [unowned self] message, _ in
            connected.append(message)
            return Done()
        }
    }

    func deliver(
        _ id: CommandID, to holder: PresenceHolder?, of device: DeviceID, payloadBytes: Int = 0, age: Duration = .zero
    ) async throws -> Delivery.Outcome {
        guard let holder else { return .notDelivered }
        let now = Timestamp.now()
        let command = DeliverCommand(
            deviceId: device, session: holder.session, commandId: id, type: "raw_command",
            payload: ["data": .string(String(repeating: "0", count: payloadBytes))], expiresAt: now + .seconds(180),
            deliverBefore: bus.time + .seconds(4) - age)
        return try await bus.call(command, to: .instance(holder.instance), requestId: "deliver").outcome
    }

    func query(_ ids: [CommandID], of device: DeviceID, at holder: PresenceHolder) async throws -> Delivery.Outcome {
        let question = QueryJournal(deviceId: device, session: holder.session, commandIds: ids)
        return try await bus.call(question, to: .instance(holder.instance), requestId: "query").outcome
    }
}

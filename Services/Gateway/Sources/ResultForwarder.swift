import Bus
import EventLoop
import Models
import ServiceRuntime

/// Brings what devices answer to the dispatcher, in batches, until it is committed; only then is it acknowledged.
///
/// What finds no room here is dropped, not acknowledged: the app repeats it on its next connection, and the
/// dispatcher asks for it.
@Loop final class ResultForwarder {
    static let mostWaiting = 20_000
    static let mostInABatch = 200
    static let deadline = Duration.seconds(4)

    private let bus: Bus
    private let dropped: Counter
    private var waiting: [Waiting] = []
    private var isRunning = false

    private struct Waiting {
        let session: DeviceSession
        let result: CommandResult
    }

    init(bus: Bus, metrics: Metrics) {
        self.bus = bus
        dropped = metrics.counter("ebon_gateway_results_dropped_total", "Answers that found no room to wait.")
    }

    func connected(_ session: DeviceSession) {
        let snapshot = session.snapshot
        let message = DeviceConnected(
            deviceId: snapshot.deviceId, orgId: snapshot.orgId, instance: snapshot.instance, session: snapshot.session)
        Task.immediate { @Loop in
            // A lost notice costs time only: the dispatcher's sweep finds the device too.
            _ = try? await bus.call(message, deadline: Self.deadline, requestId: snapshot.session)
        }
    }

    func forward(_ answer: DeviceAnswer, to command: CommandID, from session: DeviceSession) {
        guard waiting.count < Self.mostWaiting else { return dropped.increment() }
        let snapshot = session.snapshot
        let result = CommandResult(
            deviceId: snapshot.deviceId, orgId: snapshot.orgId, session: snapshot.session, commandId: command,
            answer: answer)
        waiting.append(Waiting(session: session, result: result))
        guard !isRunning else { return }
        isRunning = true
        Loop.atEndOfTurn { [self] in Task.immediate { @Loop in await run() } }
    }

    func forward(_ entries: [JournalEntry], from session: DeviceSession) {
        let snapshot = session.snapshot
        let report = JournalReport(
            deviceId: snapshot.deviceId, orgId: snapshot.orgId, session: snapshot.session, entries: entries)
        Task.immediate { @Loop in
            // Without an answer nothing is acknowledged; the dispatcher asks the journal again.
            guard
                let verdicts = try? await bus.call(
                    report, deadline: Self.deadline, requestId: snapshot.session)
            else { return }
            for (entry, verdict) in zip(entries, verdicts.verdicts) where verdict == .committed {
                session.acknowledge(entry.commandId)
            }
        }
    }

    private func run() async {
        var failures = 0
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.mostInABatch))
            do {
                let report = ReportResults(results: batch.map(\.result))
                let reply = try await bus.call(
                    report, deadline: Self.deadline, requestId: batch[0].result.commandId.rawValue)
                waiting.removeFirst(batch.count)
                failures = 0
                for (entry, verdict) in zip(batch, reply.verdicts) where verdict == .committed {
                    entry.session.acknowledge(entry.result.commandId)
                }
            } catch {
                failures += 1
                Log.warning("answers of devices wait for the dispatcher", ["error": "\(error)"])
                try? await Loop.sleep(for: .milliseconds(min(100 << min(failures, 5), 2_000)))
                // The app repeats the answers of a closed socket on its next one.
                waiting.removeAll { !$0.session.isOpen }
            }
        }
        isRunning = false
    }
}

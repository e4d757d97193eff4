import Bus
import EventLoop
import Models
import ServiceRuntime

/// Brings what devices answer to the dispatcher, in batches, until it is committed; only then is it acknowledged.
///
/// What finds no room here is dropped, not acknowledged: the app repeats it on its next connection, and the
/// dispatcher asks for it.
@Loop final class ResultForwarder {
    static let mostWaitingBytes = 64 << 20
    /// So that one device leaves room for the others.
    static let mostWaitingBytesOfADevice = 4 << 20
    static let mostInABatch = 200
    /// A bus message may have 2 MiB.
    static let mostBytesInABatch = 1 << 20
    static let deadline = Duration.seconds(4)

    private let bus: Bus
    private let dropped: Counter
    private var waiting: [Waiting] = []
    private var waitingBytes = 0
    private var batchLimit = mostInABatch
    private var isRunning = false

    private struct Waiting {
        let session: DeviceSession
        let result: CommandResult
        let bytes: Int
    }

    init(bus: Bus, metrics: Metrics) {
        self.bus = bus
        dropped = metrics.counter("ebon_gateway_results_dropped_total", "Answers that could not be handed on.")
        metrics.gauge("ebon_gateway_waiting_results", "Answers that wait to be committed.") { [weak self] in
            Double(self?.waiting.count ?? 0)
        }
    }

    func connected(_ session: DeviceSession) {
        let snapshot = session.snapshot
        let message = DeviceConnected(
            deviceId: snapshot.deviceId, orgId: snapshot.orgId, instance: snapshot.instance, session: snapshot.session)
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            // A lost notice costs time only: the dispatcher's sweep finds the device too.
            _ = try? await bus.call(message, deadline: Self.deadline, requestId: snapshot.session)
        }
    }

    func forward(_ answer: DeviceAnswer, to command: CommandID, from session: DeviceSession, bytes: Int) {
        guard waitingBytes + bytes <= Self.mostWaitingBytes,
            session.uncommittedBytes + bytes <= Self.mostWaitingBytesOfADevice
        else { return dropped.increment() }
        let snapshot = session.snapshot
        let result = CommandResult(
            deviceId: snapshot.deviceId, orgId: snapshot.orgId, session: snapshot.session, commandId: command,
            answer: answer)
        add(Waiting(session: session, result: result, bytes: bytes))
        guard !isRunning else { return }
        isRunning = true
        Loop.atEndOfTurn { [self] in Task.immediate(executorPreference: Loop.executor) { @Loop in await run() } }
    }

    /// Without an answer nothing is acknowledged; the dispatcher asks the journal again.
    func report(_ entries: [JournalEntry], from session: DeviceSession) async {
        let snapshot = session.snapshot
        let report = JournalReport(
            deviceId: snapshot.deviceId, orgId: snapshot.orgId, session: snapshot.session, entries: entries)
        let reply = try? await bus.call(report, deadline: Self.deadline, requestId: snapshot.session)
        for (entry, verdict) in zip(entries, reply?.verdicts ?? []) where verdict == .committed {
            session.acknowledge(entry.commandId)
        }
    }

    private func run() async {
        var failures = 0
        while !waiting.isEmpty {
            let batch = nextBatch()
            do {
                let report = ReportResults(results: batch.map(\.result))
                let reply = try await bus.call(
                    report, deadline: Self.deadline, requestId: batch[0].result.commandId.rawValue)
                remove(batch.count)
                failures = 0
                batchLimit = min(batchLimit * 2, Self.mostInABatch)
                for (entry, verdict) in zip(batch, reply.verdicts) where verdict == .committed {
                    entry.session.acknowledge(entry.result.commandId)
                }
            } catch {
                if case .refused(let reply) = error, reply.status != 503 {
                    isolate(batch, reply.status)
                    continue
                }
                failures += 1
                Log.warning("answers of devices wait for the dispatcher", ["error": "\(error)"])
                try? await Loop.sleep(for: .milliseconds(min(100 << min(failures, 5), 2_000)))
                dropClosed()
            }
        }
        isRunning = false
    }

    private func nextBatch() -> [Waiting] {
        var bytes = 0
        let count = waiting.prefix(batchLimit).prefix { entry in
            bytes += entry.bytes
            return bytes <= Self.mostBytesInABatch
        }.count
        return Array(waiting.prefix(max(count, 1)))
    }

    /// One answer that the dispatcher cannot take must not hold up those of all other devices.
    private func isolate(_ batch: [Waiting], _ status: Int) {
        guard batch.count == 1 else {
            batchLimit = max(1, batch.count / 4)
            return
        }
        Log.error(
            "an answer cannot be committed", ["deviceId": batch[0].result.deviceId, "status": status],
            requestId: batch[0].result.commandId.rawValue)
        dropped.increment()
        remove(1)
    }

    /// The app repeats the answers of a closed socket on its next one.
    private func dropClosed() {
        let open = waiting.filter(\.session.isOpen)
        remove(waiting.count)
        for entry in open { add(entry) }
    }

    private func add(_ entry: Waiting) {
        waiting.append(entry)
        waitingBytes += entry.bytes
        entry.session.uncommittedBytes += entry.bytes
    }

    private func remove(_ count: Int) {
        for entry in waiting.prefix(count) {
            waitingBytes -= entry.bytes
            entry.session.uncommittedBytes -= entry.bytes
        }
        waiting.removeFirst(count)
    }
}

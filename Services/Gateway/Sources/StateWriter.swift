import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

/// Collects what changes on the sockets and writes it in batches: the newest snapshot of each device, the connection
/// history, and the events that follow from both.
@Loop final class StateWriter {
    static let interval = Duration.milliseconds(40)
    /// An outage leaves more behind than one statement should carry.
    static let mostInABatch = 1_000

    private struct Awaited {
        let epoch: Int64
        let then: @Loop () -> Void
    }

    private let store: GatewayStore
    private let bus: Bus
    private var changes: [DeviceID: DeviceChange] = [:]
    private var awaited: [DeviceID: [Awaited]] = [:]
    private var isFlushing = false
    private var lastFlush = LoopInstant.current
    private var timer: LoopTimer?
    private var idle: [Promise<Void, Never>] = []

    init(store: GatewayStore, bus: Bus) {
        self.store = store
        self.bus = bus
    }

    /// Writes `snapshot` with the next batch; a newer one of the same device replaces it.
    func changed(_ snapshot: DeviceSnapshot) { add(snapshot, nil) }

    /// Writes a new socket; `written` is called when nothing that an older one does can change the state any more.
    ///
    /// - Parameter previous: who held the device until now, if that was another gateway, which is still there.
    func connected(
        _ snapshot: DeviceSnapshot, after previous: PresenceHolder? = nil, written: (@Loop () -> Void)? = nil
    ) {
        if let written {
            awaited[snapshot.deviceId, default: []].append(Awaited(epoch: snapshot.epoch, then: written))
        }
        var event = ConnectionEvent(snapshot: snapshot, at: snapshot.connectedAt, closure: nil)
        if previous != nil { event.ending = .init(.superseded) }
        add(snapshot, event)
    }

    func disconnected(_ snapshot: DeviceSnapshot, _ closure: ConnectionEvent.Closure, at now: Timestamp) {
        add(snapshot, ConnectionEvent(snapshot: snapshot, at: now, closure: closure))
    }

    /// Returns when everything that was handed in before has been written, or could not be.
    func drain(until deadline: LoopInstant) async {
        guard !changes.isEmpty || isFlushing else { return }
        let promise = Promise<Void, Never>()
        idle.append(promise)
        let timer = Loop.schedule(at: deadline) { promise.succeed(()) }
        arm()
        await promise.value()
        timer.cancel()
    }

    private func add(_ snapshot: DeviceSnapshot, _ event: ConnectionEvent?) {
        var change = changes[snapshot.deviceId] ?? DeviceChange(snapshot)
        if snapshot.epoch >= change.snapshot.epoch { change.snapshot = snapshot }
        if let event { change.append(event) }
        changes[snapshot.deviceId] = change
        arm()
    }

    /// What comes alone is written at once; what comes close behind it waits for the others.
    private func arm(after pause: Duration = interval) {
        guard timer == nil, !isFlushing else { return }
        timer = Loop.schedule(at: max(lastFlush + pause, Loop.now)) { [self] in
            timer = nil
            Task.immediate(executorPreference: Loop.executor) { @Loop in await flush() }
        }
    }

    private func flush() async {
        isFlushing = true
        lastFlush = .current
        let batch = changes.prefix(Self.mostInABatch).map(\.value)
        for change in batch { changes[change.snapshot.deviceId] = nil }
        do {
            try await write(batch[...])
            isFlushing = false
            for change in batch { reached(change.snapshot) }
            if changes.isEmpty { settle() } else { arm() }
        } catch {
            Log.warning("device states wait: they could not be written", ["error": "\(error)"])
            for change in batch {
                changes[change.snapshot.deviceId] = change.followed(by: changes[change.snapshot.deviceId])
            }
            isFlushing = false
            lastFlush = .current
            arm(after: .milliseconds(500))
        }
    }

    /// What the database refuses for what it says must not hold up the others.
    private func write(_ batch: ArraySlice<DeviceChange>) async throws {
        do {
            if try await store.write(Array(batch), at: .now()) { bus.publish(OutboxGrew()) }
        } catch let error as PostgresError where error.isAboutContent {
            guard batch.count > 1 else {
                let device = batch.first?.snapshot.deviceId.rawValue ?? ""
                return Log.error("a device's state is not storable", ["deviceId": device, "error": "\(error)"])
            }
            let middle = batch.startIndex + batch.count / 2
            try await write(batch[..<middle])
            try await write(batch[middle...])
        }
    }

    private func reached(_ state: DeviceSnapshot) {
        guard let waiting = awaited.removeValue(forKey: state.deviceId) else { return }
        for entry in waiting where entry.epoch <= state.epoch { entry.then() }
        let rest = waiting.filter { $0.epoch > state.epoch }
        if !rest.isEmpty { awaited[state.deviceId] = rest }
    }

    private func settle() {
        for promise in idle { promise.succeed(()) }
        idle = []
    }
}

import Bus
import EventLoop
import Models
import ServiceRuntime

/// Collects what changes on the sockets and writes it in batches: the newest snapshot of each device, the connection
/// history, and the events that follow from both.
@Loop final class StateWriter {
    static let interval = Duration.milliseconds(40)
    static let mostWaitingHistory = 50_000

    private let store: GatewayStore
    private let bus: Bus
    private var snapshots: [DeviceID: DeviceSnapshot] = [:]
    private var history: [ConnectionEvent] = []
    private var announced: [DeviceID: StateChange.Announced] = [:]
    private var isFlushing = false
    private var timer: LoopTimer?
    private var idle: [Promise<Void, Never>] = []

    init(store: GatewayStore, bus: Bus) {
        self.store = store
        self.bus = bus
    }

    /// Writes `snapshot` with the next batch; a newer one of the same device replaces it.
    func changed(_ snapshot: DeviceSnapshot) {
        if let waiting = snapshots[snapshot.deviceId], waiting.epoch > snapshot.epoch { return }
        snapshots[snapshot.deviceId] = snapshot
        arm()
    }

    func connected(_ snapshot: DeviceSnapshot, before: StateChange.Announced) {
        announced[snapshot.deviceId] = before
        append(ConnectionEvent(snapshot: snapshot, at: snapshot.connectedAt, closure: nil))
        changed(snapshot)
    }

    func disconnected(_ snapshot: DeviceSnapshot, code: Int, reason: String, at now: Timestamp) {
        append(ConnectionEvent(snapshot: snapshot, at: now, closure: .init(code: code, reason: reason)))
        changed(snapshot)
    }

    /// Returns when everything that was handed in before has been written, or could not be.
    func drain(until deadline: LoopInstant) async {
        guard !(snapshots.isEmpty && history.isEmpty && !isFlushing) else { return }
        let promise = Promise<Void, Never>()
        idle.append(promise)
        let timer = Loop.schedule(at: deadline) { promise.succeed(()) }
        arm()
        await promise.value()
        timer.cancel()
    }

    private func append(_ event: ConnectionEvent) {
        if history.count >= Self.mostWaitingHistory { history.removeFirst(Self.mostWaitingHistory / 10) }
        history.append(event)
    }

    private func arm(after delay: Duration = interval) {
        guard timer == nil, !isFlushing else { return }
        timer = Loop.schedule(after: delay) { [self] in
            timer = nil
            Task.immediate { @Loop in await flush() }
        }
    }

    private func flush() async {
        isFlushing = true
        let (states, events) = (snapshots, history)
        snapshots = [:]
        history = []
        do {
            let changes = states.values.map { StateChange(snapshot: $0, before: announced[$0.deviceId]) }
            if try await store.write(changes, events, at: .now()) { bus.publish(OutboxGrew()) }
            for (device, state) in states { remember(device, state) }
            isFlushing = false
            if snapshots.isEmpty && history.isEmpty { settle() } else { arm() }
        } catch {
            Log.warning("device states wait: they could not be written", ["error": "\(error)"])
            snapshots.merge(states) { newer, older in newer.epoch >= older.epoch ? newer : older }
            history.insert(contentsOf: events.suffix(Self.mostWaitingHistory - history.count), at: 0)
            isFlushing = false
            arm(after: .milliseconds(500))
        }
    }

    private func remember(_ device: DeviceID, _ state: DeviceSnapshot) {
        announced[device] =
            state.connected || snapshots[device] != nil
            ? StateChange.Announced(status: state.status, flags: state.flags) : nil
    }

    private func settle() {
        for promise in idle { promise.succeed(()) }
        idle = []
    }
}

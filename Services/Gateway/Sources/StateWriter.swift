import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

/// Collects what changes on the sockets and writes it in batches: the newest snapshot of each device, the connection
/// history, and the events that follow from both.
@Loop final class StateWriter {
    static let interval = Duration.milliseconds(40)
    static let mostWaitingHistory = 50_000
    /// Of states and of history each; an outage leaves more behind than one statement should carry.
    static let mostInABatch = 1_000

    private struct Awaited {
        let epoch: Int64
        let then: @Loop () -> Void
    }

    private let store: GatewayStore
    private let bus: Bus
    private var snapshots: [DeviceID: DeviceSnapshot] = [:]
    private var history: [ConnectionEvent] = []
    private var awaited: [DeviceID: [Awaited]] = [:]
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

    /// Writes a new socket; `written` is called when nothing that an older one does can change the state any more.
    func connected(_ snapshot: DeviceSnapshot, written: (@Loop () -> Void)? = nil) {
        if let written {
            awaited[snapshot.deviceId, default: []].append(Awaited(epoch: snapshot.epoch, then: written))
        }
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
            Task.immediate(executorPreference: Loop.executor) { @Loop in await flush() }
        }
    }

    private func flush() async {
        isFlushing = true
        let states = snapshots.prefix(Self.mostInABatch).map(\.value)
        let events = history.prefix(Self.mostInABatch)
        for state in states { snapshots[state.deviceId] = nil }
        history.removeFirst(events.count)
        do {
            try await write(states[...], events)
            isFlushing = false
            for state in states { reached(state) }
            if snapshots.isEmpty && history.isEmpty { settle() } else { arm() }
        } catch {
            Log.warning("device states wait: they could not be written", ["error": "\(error)"])
            for state in states where snapshots[state.deviceId].map({ $0.epoch < state.epoch }) ?? true {
                snapshots[state.deviceId] = state
            }
            history.insert(contentsOf: events.suffix(Self.mostWaitingHistory - history.count), at: 0)
            isFlushing = false
            arm(after: .milliseconds(500))
        }
    }

    /// What the database refuses for what it says must not hold up the others.
    private func write(_ states: ArraySlice<DeviceSnapshot>, _ events: ArraySlice<ConnectionEvent>) async throws {
        do {
            let isNews = try await store.write(states.map { StateChange(snapshot: $0) }, Array(events), at: .now())
            if isNews { bus.publish(OutboxGrew()) }
        } catch let error as PostgresError where error.isAboutContent {
            guard states.count + events.count > 1 else {
                let device = states.first?.deviceId ?? events.first?.snapshot.deviceId
                return Log.error(
                    "a device's state is not storable", ["deviceId": device?.rawValue ?? "", "error": "\(error)"])
            }
            let state = states.startIndex + (states.count + 1) / 2
            let event = events.startIndex + events.count / 2
            try await write(states[..<state], events[..<event])
            try await write(states[state...], events[event...])
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

import Bus
import EventLoop
import HTTP
import Models
import ServiceRuntime

/// The sockets of this process: at most one current session a device, and what is done for all of them.
@Loop final class DeviceSockets {
    static let lastSeenInterval = Duration.seconds(10)
    static let presenceInterval = Duration.seconds(20)
    static let handshakeLimit = Duration.seconds(5)

    let instance: String
    private let presence: Presence
    private let writer: StateWriter
    private let results: ResultForwarder
    private let bus: Bus
    private let metrics: Metrics
    private var current: [DeviceID: DeviceSession] = [:]
    private var open: [ObjectIdentifier: DeviceSession] = [:]
    private var seenSinceWrite: Set<DeviceID> = []
    private var renewal: LoopTimer?
    private var isDraining = false
    private var allClosed: Promise<Void, Never>?

    init(
        instance: String, presence: Presence, writer: StateWriter, results: ResultForwarder, bus: Bus, metrics: Metrics
    ) {
        self.instance = instance
        self.presence = presence
        self.writer = writer
        self.results = results
        self.bus = bus
        self.metrics = metrics
    }

    var count: Int { open.count }
    var sessions: [DeviceSession] { Array(open.values) }

    func newestSession(of device: DeviceID) -> DeviceSession? { current[device] }

    func session(of device: DeviceID, named session: String) -> DeviceSession? {
        guard let found = current[device], found.snapshot.session == session, found.isOpen else { return nil }
        return found
    }

    func accept(_ socket: WebSocket, _ handshake: Handshake, _ admission: Admission) {
        let device = admission.snapshot.deviceId
        let isNewest = current[device].map { $0.snapshot.epoch < admission.snapshot.epoch } ?? true
        if isNewest { current[device]?.close(.superseded) }
        let session = DeviceSession(socket: socket, handshake: handshake, snapshot: admission.snapshot, gateway: self)
        open[ObjectIdentifier(session)] = session
        guard isNewest, !isDraining else { return session.close(isNewest ? .restart : .superseded) }
        current[device] = session
        let previous = admission.previous
        Log.info(
            "device connected",
            [
                "device": device.rawValue, "orgId": session.snapshot.orgId.rawValue,
                "session": session.snapshot.session, "app": session.snapshot.app.appVersion,
            ],
            requestId: handshake.requestId)
        writer.connected(session.snapshot, after: previous) { [self] in
            if let previous { evict(device, previous) }
        }
        results.connected(session)
    }

    /// A client that goes away during its handshake leaves a claim behind for which no socket ever comes.
    func expect(_ claimed: DeviceSnapshot, within limit: Duration = handshakeLimit) {
        Loop.schedule(after: limit) { [self] in
            if session(of: claimed.deviceId, named: claimed.session) == nil { release(claimed) }
        }
    }

    func evict(_ device: DeviceID, session: String) {
        if let found = current[device], found.snapshot.session == session { found.close(.superseded) }
    }

    func seen(_ session: DeviceSession) { seenSinceWrite.insert(session.snapshot.deviceId) }

    func changed(_ session: DeviceSession) {
        if isCurrent(session) { writer.changed(session.snapshot) }
    }

    func forward(_ answer: DeviceAnswer, to command: CommandID, from session: DeviceSession, bytes: Int) {
        results.forward(answer, to: command, from: session, bytes: bytes)
    }

    func report(_ entries: [JournalEntry], from session: DeviceSession) async {
        await results.report(entries, from: session)
    }

    /// A socket that never was its device's leaves no trace.
    func ended(_ session: DeviceSession, _ closure: ConnectionEvent.Closure) {
        release(session.snapshot)
        guard isCurrent(session) else { return }
        current[session.snapshot.deviceId] = nil
        Log.info(
            "device disconnected",
            [
                "device": session.snapshot.deviceId.rawValue, "orgId": session.snapshot.orgId.rawValue,
                "session": session.snapshot.session, "code": closure.code, "reason": closure.reason,
            ])
        metrics.counter(
            "ebon_gateway_closures_total", "Device sockets that ended, by close code.", ["code": closure.label]
        ).increment()
        writer.disconnected(session.snapshot, closure, at: .now())
    }

    func gone(_ session: DeviceSession) {
        open[ObjectIdentifier(session)] = nil
        if open.isEmpty { allClosed?.succeed(()) }
    }

    /// Looks after every socket; called once a second.
    func tick(_ now: LoopInstant, _ time: Timestamp) {
        for session in open.values { session.tick(now, time) }
    }

    func writeAll() {
        for session in current.values { writer.changed(session.snapshot) }
    }

    func writeLastSeen() {
        for device in seenSinceWrite { if let session = current[device] { writer.changed(session.snapshot) } }
        seenSinceWrite = []
    }

    /// Renews the presence records, restoring those that Redis has lost; whoever was superseded meanwhile goes. Tried
    /// until it succeeds: no command reaches a device without its record.
    func renewPresence() async {
        let held = current.values.map(\.snapshot)
        guard !held.isEmpty else { return }
        do {
            for index in try await presence.refresh(held.map { (device: $0.deviceId, holder: $0.holder) }) {
                evict(held[index].deviceId, session: held[index].session)
            }
            for snapshot in held where session(of: snapshot.deviceId, named: snapshot.session) == nil {
                release(snapshot)
            }
        } catch {
            Log.warning("presence could not be renewed", ["error": "\(error)"])
            guard renewal == nil else { return }
            renewal = Loop.schedule(after: .milliseconds(500)) { [self] in
                renewal = nil
                Task.immediate(executorPreference: Loop.executor) { @Loop in await renewPresence() }
            }
        }
    }

    /// Closes every socket, spread over `duration` so that the devices do not all come back at once, and waits until
    /// they are closed. Who is at work comes last, and gets the acknowledgement if that comes soon.
    func drain(over duration: Duration, until deadline: LoopInstant) async {
        renewal?.cancel()
        isDraining = true
        let sessions = sessions.filter { !$0.isAtWork } + sessions.filter(\.isAtWork)
        guard !sessions.isEmpty else { return }
        let step = duration / sessions.count
        for (index, session) in sessions.enumerated() {
            Loop.schedule(after: step * index) { session.part(.restart) }
        }
        let closed = Promise<Void, Never>()
        allClosed = closed
        let timer = Loop.schedule(at: deadline) { closed.succeed(()) }
        await closed.value()
        timer.cancel()
    }

    /// A gateway that does not hear of it notices when it renews its presence.
    private func evict(_ device: DeviceID, _ holder: PresenceHolder) {
        let message = EvictSession(deviceId: device, session: holder.session)
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            _ = try? await bus.call(
                message, to: .instance(holder.instance), deadline: .seconds(2), requestId: holder.session)
        }
    }

    /// Without Redis the record runs out by itself.
    private func release(_ snapshot: DeviceSnapshot) {
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            try? await presence.release(snapshot.deviceId, held: snapshot.holder)
        }
    }

    private func isCurrent(_ session: DeviceSession) -> Bool { current[session.snapshot.deviceId] === session }
}

import EventLoop
import HTTP
import JSON
import Models

/// One device's socket: counts, answers and forwards its frames, and knows when to give it up.
@Loop final class DeviceSession {
    static let partingLimit = Duration.seconds(4)
    /// How long a command that an earlier socket brought may still be at work.
    static let longestCommand = Duration.seconds(180)
    /// A register does one thing at a time; whoever says otherwise is believed up to here.
    static let mostAtWork = 100
    static let mostUnreadBytes = 1 << 20

    let socket: WebSocket
    let caller: Caller
    let credentialExpires: Timestamp?
    private(set) var snapshot: DeviceSnapshot
    /// Of its answers that wait for the dispatcher.
    var uncommittedBytes = 0
    private let gateway: DeviceSockets
    private var pulse = SocketPulse(at: .current)
    private var isReporting = false
    private var executing: [CommandID: Timestamp] = [:]
    /// Why it closes as soon as its register has nothing to report any more.
    private var parting: CloseReason?
    private var closing: CloseReason?

    init(socket: WebSocket, handshake: Handshake, snapshot: DeviceSnapshot, gateway: DeviceSockets) {
        self.socket = socket
        self.caller = handshake.caller
        self.credentialExpires = handshake.credentialExpires
        self.snapshot = snapshot
        self.snapshot.connectedAt = .now()
        self.gateway = gateway
        socket.onFrame = { [unowned self] in countFrame() }
        socket.onText = { [unowned self] text in received(text) }
        socket.onBinary = { [unowned self] _ in malformed() }
        socket.onClose = { [self] closure in closed(closure) }
        send(OutboundFrame.welcome(session: snapshot.session))
    }

    /// Whether its register is at work, or has told how it went and has no acknowledgement yet.
    var isAtWork: Bool { snapshot.busy || uncommittedBytes > 0 }

    var isOpen: Bool { closing == nil && socket.isOpen }

    /// False when the frame was certainly not handed to the socket.
    func deliver(_ command: DeliverCommand) -> Bool {
        guard isOpen, parting == nil, send(OutboundFrame.command(command)) else { return false }
        begun(command.commandId, until: command.expiresAt)
        return true
    }

    func query(_ ids: [CommandID]) -> Bool { isOpen && send(OutboundFrame.query(ids)) }

    func acknowledge(_ id: CommandID) {
        guard isOpen else { return }
        send(OutboundFrame.acknowledgement(of: id))
        leaveIfDone()
    }

    /// Looks after the socket, about once a second.
    func tick(_ now: LoopInstant, _ time: Timestamp) {
        guard isOpen else { return }
        if leaveIfDone() { return }
        if pulse.isSilent(at: now) { return close(.silent) }
        if let credentialExpires, credentialExpires <= time { return close(.credentialRefused) }
        if !executing.isEmpty {
            executing = executing.filter { $0.value > time }
            changeBusy()
        }
        if pulse.isPingDue(at: now), send(OutboundFrame.ping) { socket.ping() }
    }

    /// Closes; who is at work has a few seconds more, because paper that is coming out is still reported.
    func part(_ reason: CloseReason) {
        guard isAtWork else { return close(reason) }
        guard parting == nil else { return }
        parting = reason
        Loop.schedule(after: Self.partingLimit) { [self] in close(reason) }
    }

    /// From here on the device is not connected any more, however long the app takes to answer.
    func close(_ reason: CloseReason) {
        guard closing == nil else { return }
        closing = reason
        end(.init(reason))
        socket.close(WebSocketCloseCode(rawValue: reason.rawValue), reason.text)
    }

    @discardableResult
    private func leaveIfDone() -> Bool {
        guard let parting, !isAtWork else { return false }
        close(parting)
        return true
    }

    @discardableResult
    private func send(_ frame: [UInt8]) -> Bool {
        guard socket.bufferedBytes <= Self.mostUnreadBytes else {
            close(.doesNotRead)
            return false
        }
        guard socket.isOpen else { return false }
        socket.send(text: frame)
        return true
    }

    private func countFrame() {
        snapshot.lastSeen = .now()
        gateway.seen(self)
        if let reason = pulse.frameCame(at: Loop.now) { close(reason) }
    }

    private func received(_ text: [UInt8]) {
        guard closing == nil else { return }
        guard let frame = InboundFrame(text) else { return malformed() }
        pulse.wasUnderstood()
        switch frame {
        case .ping: send(OutboundFrame.pong)
        case .pong, .accepted: break
        case .status(let status):
            let before = snapshot.flags
            snapshot.flags.apply(status, at: .now())
            if snapshot.flags != before { gateway.changed(self) }
        case .result(let id, let answer):
            finished(id)
            gateway.forward(answer, to: id, from: self, bytes: text.count)
        case .journal(let entries):
            for entry in entries {
                switch entry.state {
                case .executed: finished(entry.commandId)
                case .running: begun(entry.commandId, until: .now() + Self.longestCommand)
                case .unknown: break
                }
            }
            report(entries)
        }
    }

    /// One report at a time: the dispatcher asks again for what was not taken.
    private func report(_ entries: [JournalEntry]) {
        guard !isReporting else { return }
        isReporting = true
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            await gateway.report(entries, from: self)
            isReporting = false
        }
    }

    private func malformed() {
        if let reason = pulse.wasMalformed() { close(reason) }
    }

    private func begun(_ id: CommandID, until end: Timestamp) {
        guard executing.count < Self.mostAtWork else { return }
        executing[id] = end
        changeBusy()
    }

    private func finished(_ id: CommandID) {
        if executing.removeValue(forKey: id) != nil { changeBusy() }
    }

    private func changeBusy() {
        guard snapshot.connected, snapshot.busy == executing.isEmpty else { return }
        snapshot.busy = !executing.isEmpty
        gateway.changed(self)
    }

    private func closed(_ closure: WebSocketClosure) {
        if closing == nil {
            let reason = closure.code == .abnormal && closure.reason.isEmpty ? "connection lost" : closure.reason
            end(.init(code: Int(closure.code.rawValue), reason: reason))
        }
        gateway.gone(self)
    }

    private func end(_ closure: ConnectionEvent.Closure) {
        snapshot.connected = false
        snapshot.busy = false
        gateway.ended(self, closure)
    }
}

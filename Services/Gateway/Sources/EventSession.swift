import Bus
import EventLoop
import HTTP
import Models

/// One listener's socket: sends it what it may see, in order, and knows when to give it up.
@Loop final class EventSession {
    static let mostUnreadBytes = 1 << 20
    /// How long a session outlives its token, for the client to send a new one.
    static let renewalGrace = Duration.seconds(60)
    /// How long a replay may wait for a client that does not read.
    static let replayPatience = Duration.seconds(60)
    /// How long a replay may take: it must not be overtaken by the deletion of what it reads.
    static let replayLimit = Duration.seconds(1800)

    let socket: WebSocket
    let filter: EventFilter
    private(set) var caller: Caller
    private let sockets: EventSockets
    private var credentialExpires: Timestamp?
    private let opened = LoopInstant.current
    private var pulse = SocketPulse(at: .current)
    private var progress: EventProgress
    private var owesCompletion: Bool
    private var waitsToReadSince: LoopInstant?
    private var closing: CloseReason?

    init(socket: WebSocket, handshake: EventHandshake, admission: EventAdmission, sockets: EventSockets) {
        self.socket = socket
        self.sockets = sockets
        filter = handshake.filter
        caller = handshake.caller
        credentialExpires = handshake.credentialExpires
        progress = EventProgress(after: admission.start)
        owesCompletion = admission.replay == .possible
        socket.onFrame = { [unowned self] in count() }
        socket.onText = { [unowned self] text in received(text) }
        socket.onBinary = { [unowned self] _ in close(pulse.wasMalformed()) }
        socket.onDrained = { [unowned self] in goOnReading() }
        socket.onClose = { [self] _ in sockets.closed(self) }
        send(OutboundFrame.welcome(session: admission.session))
        if admission.replay == .impossible { send(OutboundFrame.replayGap) }
    }

    var isOpen: Bool { closing == nil && socket.isOpen }

    /// The feed brings everything behind `position` from now on.
    func joined(at position: OutboxPosition) { proceed(progress.joined(at: position)) }

    /// Something has happened in the organization.
    func happened(_ event: LiveEvent) {
        if filter.lets(event), progress.happened(event) { send(event) }
    }

    /// A part of the replay has been read from the outbox. What the client does not take yet is read again later: a
    /// replay is as fast as its reader, and nobody is closed for what happened before it came.
    func replayed(_ events: [WrittenEvent], through end: OutboxPosition) {
        for event in events.compactMap(LiveEvent.init) {
            send(event)
            if socket.isCongested { socket.flush() }
            if socket.isCongested { return proceed(progress.replayed(through: event.position)) }
        }
        proceed(progress.replayed(through: end))
    }

    /// Looks after the socket, about once a second.
    func tick(_ now: LoopInstant, _ time: Timestamp) {
        guard isOpen else { return }
        if pulse.isSilent(at: now) { return close(.silent) }
        if let credentialExpires, credentialExpires + Self.renewalGrace <= time { return close(.credentialRefused) }
        if let waitsToReadSince, now - waitsToReadSince > Self.replayPatience { return close(.doesNotRead) }
        if !progress.isLive, now - opened > Self.replayLimit { return close(.doesNotRead) }
        if pulse.isPingDue(at: now) {
            send(OutboundFrame.ping)
            socket.ping()
        }
    }

    func close(_ reason: CloseReason?) {
        guard let reason, closing == nil else { return }
        closing = reason
        // Who is far behind sees why it is closed only if that does not queue behind everything else.
        if reason == .doesNotRead { socket.dropSharedMessages() }
        socket.close(WebSocketCloseCode(rawValue: reason.rawValue), reason.text)
    }

    private func proceed(_ step: EventProgress.Step) {
        guard isOpen else { return }
        guard case .read(let start, let end) = step else { return becomeLive() }
        if socket.isCongested {
            waitsToReadSince = .current
        } else {
            sockets.replays.read(after: start, through: end, for: self)
        }
    }

    private func goOnReading() {
        guard waitsToReadSince != nil else { return }
        waitsToReadSince = nil
        proceed(progress.next)
    }

    private func becomeLive() {
        if owesCompletion {
            owesCompletion = false
            send(OutboundFrame.replayComplete)
        }
        for event in progress.takeHeld() { send(event) }
    }

    private func send(_ event: LiveEvent) {
        guard isOpen else { return }
        socket.send(event.frame)
        sockets.deliveries.increment()
        checkBacklog()
    }

    private func send(_ frame: [UInt8]) {
        guard isOpen else { return }
        socket.send(text: frame)
        checkBacklog()
    }

    /// What has only not been handed to the system yet is not the client's fault.
    private func checkBacklog() {
        guard socket.bufferedBytes > Self.mostUnreadBytes else { return }
        socket.flush()
        guard socket.bufferedBytes > Self.mostUnreadBytes else { return }
        sockets.cut.increment()
        close(.doesNotRead)
    }

    private func count() {
        close(pulse.frameCame(at: Loop.now))
    }

    private func received(_ text: [UInt8]) {
        guard isOpen else { return }
        guard let frame = EventInboundFrame(text) else { return close(pulse.wasMalformed()) }
        pulse.wasUnderstood()
        switch frame {
        case .ping: send(OutboundFrame.pong)
        case .pong: break
        case .auth(let token):
            guard let renewed = sockets.renewals.renew(caller, with: token, at: .now()) else {
                return close(.credentialRefused)
            }
            caller = renewed.caller
            credentialExpires = renewed.expiresAt
        }
    }
}

import EventLoop

/// An open WebSocket (RFC 6455) in callback style: an idle one costs no task and holds no buffer.
///
/// Pings are answered by itself. Set the callbacks in `onOpen`, before anything can arrive. An open socket keeps itself
/// alive; ``onClose`` is called exactly once, and then all callbacks are dropped.
@Loop package final class WebSocket {
    /// A whole text message, as bytes that are known to be UTF-8.
    package var onText: (@Loop ([UInt8]) -> Void)?
    /// A whole binary message.
    package var onBinary: (@Loop ([UInt8]) -> Void)?
    /// A ping, already answered.
    package var onPing: (@Loop ([UInt8]) -> Void)?
    /// A pong.
    package var onPong: (@Loop ([UInt8]) -> Void)?
    /// Every frame, fragments and control frames included, before its own callback: the place to count.
    package var onFrame: (@Loop () -> Void)?
    /// All buffered output has gone out, after ``isCongested`` was true.
    package var onDrained: (@Loop () -> Void)?
    /// The end, once.
    package var onClose: (@Loop (WebSocketClosure) -> Void)?

    /// The chosen subprotocol.
    package let subprotocol: String?
    /// False as soon as either side has begun to close: what is sent then is dropped.
    package private(set) var isOpen = true

    private let stream: TCPStream
    private let role: WebSocketRole
    private let limits: WebSocketLimits
    private var reader: WebSocketFrameReader
    private var closure: WebSocketClosure?
    private var closeTimer: LoopTimer?

    init(_ stream: TCPStream, role: WebSocketRole, subprotocol: String?, limits: WebSocketLimits) {
        self.stream = stream
        self.role = role
        self.subprotocol = subprotocol
        self.limits = limits
        reader = WebSocketFrameReader(role: role, messageLimit: limits.messageBytes)
        if let bytes = limits.systemBufferBytes { stream.limitSystemBuffers(sending: bytes) }
        stream.handler = { self.handle($0) }
    }

    /// The other end of the connection.
    package var peer: SocketAddress { stream.peer }

    /// Bytes that were sent here and not yet taken by the system: how far the peer is behind.
    package var bufferedBytes: Int { stream.bufferedBytes }

    /// True while 256 KiB or more wait; ``onDrained`` follows.
    package var isCongested: Bool { stream.isCongested }

    /// Sends a text message; goes out at the end of the turn with all others of the turn.
    package func send(text: String) {
        var text = text
        text.withUTF8 { send(.text, $0) }
    }

    /// Sends a text message given as UTF-8 bytes, which are not checked.
    package func send(text: [UInt8]) { send(.text, text) }

    /// Sends a message that was written once for many sockets; only a server's sockets can.
    package func send(_ message: SharedMessage) {
        precondition(role == .server, "a client masks every frame anew")
        guard isOpen else { return }
        stream.write(shared: message.frame)
        cutIfTooFarBehind()
    }

    /// Hands what was sent in this turn to the system now, as far as it takes it.
    package func flush() { stream.flush() }

    /// Forgets the shared messages that have not begun to go out, for an owner that gives the peer up.
    package func dropSharedMessages() { stream.dropUnbegun() }

    /// Sends a binary message.
    package func send(binary: [UInt8]) { send(.binary, binary) }

    /// Sends a ping with at most 125 bytes of payload (more are cut off).
    package func ping(_ payload: [UInt8] = []) { send(.ping, payload.prefix(125)) }

    /// Stops reading, so that the peer is slowed down.
    package func pauseReading() { stream.pauseReading() }

    /// Goes on reading.
    package func resumeReading() { stream.resumeReading() }

    /// Begins the close handshake; messages that still arrive are dropped. The peer has a deadline to answer, then the
    /// connection is cut; either way ``onClose`` reports `code`. A code that may not be sent becomes 1011.
    package func close(_ code: WebSocketCloseCode = .normal, _ reason: String = "") {
        guard isOpen else { return }
        let code = code.isSendable || code == .none ? code : .internalError
        sendClose(code, reason)
        closure = WebSocketClosure(code: code, reason: reason, clean: true)
        closeTimer = Loop.schedule(after: limits.closeDeadline) { self.end(clean: false) { $0.abort() } }
    }

    /// Cuts the connection without a word; ``onClose`` reports 1006.
    package func abort() { end(clean: false) { $0.abort() } }

    func receive(_ input: ByteView) {
        var offset = 0
        var consumed = 0
        while !isEnded, let event = reader.next(input.view(from: offset), consumed: &consumed) {
            offset += consumed
            if case .violation(let code, let reason) = event { return fail(code, reason) }
            onFrame?()
            guard !isEnded else { return }
            deliver(event)
        }
    }

    private var isEnded = false

    private func handle(_ event: TCPStream.Event) {
        switch event {
        case .bytes(let bytes): receive(bytes)
        case .end:
            if isOpen, let farewell = limits.farewell { sendClose(farewell, "") }
            end(clean: false) { $0.close() }
        case .failed: end(clean: false) { $0.close() }
        case .drained: onDrained?()
        }
    }

    private func deliver(_ event: WebSocketFrameReader.Event) {
        if case .close(let code, let reason) = event { return answerClose(code, reason) }
        guard isOpen else { return }
        switch event {
        case .text(let bytes): onText?(bytes)
        case .binary(let bytes): onBinary?(bytes)
        case .pong(let bytes): onPong?(bytes)
        case .ping(let bytes):
            // Whoever pings without reading the answers gets none: they may be left out (RFC 6455 §5.5.3).
            if !isCongested { send(.pong, bytes) }
            onPing?(bytes)
        case .fragment, .close, .violation: break
        }
    }

    private func send(_ opcode: WebSocketOpcode, _ payload: some Collection<UInt8>) {
        guard isOpen else { return }
        stream.append { WebSocketFrameWriter.append(opcode, payload, role: role, to: &$0) }
        cutIfTooFarBehind()
    }

    private func cutIfTooFarBehind() {
        guard stream.bufferedBytes > limits.bufferedBytes else { return }
        isOpen = false
        Loop.atEndOfTurn { self.abort() }
    }

    private func sendClose(_ code: WebSocketCloseCode, _ reason: String) {
        send(.close, WebSocketFrameWriter.closePayload(code, reason))
        isOpen = false
    }

    private func answerClose(_ code: WebSocketCloseCode, _ reason: String) {
        if isOpen {
            closure = WebSocketClosure(code: code, reason: reason, clean: true)
            sendClose(code, "")
        }
        end(clean: closure != nil) { $0.closeLingering(for: .seconds(1)) }
    }

    private func fail(_ code: WebSocketCloseCode, _ reason: String) {
        if isOpen {
            sendClose(code, reason)
            closure = WebSocketClosure(code: code, reason: reason, clean: false)
        }
        end(clean: false) { $0.closeLingering(for: .seconds(1)) }
    }

    private func end(clean: Bool, _ leave: (TCPStream) -> Void) {
        guard !isEnded else { return }
        isEnded = true
        isOpen = false
        closeTimer?.cancel()
        closeTimer = nil
        leave(stream)
        let closure = closure ?? WebSocketClosure(code: .abnormal, reason: "", clean: false)
        let report = onClose
        (onText, onBinary, onPing, onPong, onFrame, onDrained, onClose) = (nil, nil, nil, nil, nil, nil, nil)
        report?(WebSocketClosure(code: closure.code, reason: closure.reason, clean: clean))
    }
}

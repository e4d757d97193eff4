/// Reads the frames of one direction without I/O (RFC 6455 §5): feed bytes in any pieces, take an event per frame.
///
/// Holds no buffer between messages.
package struct WebSocketFrameReader {
    /// One frame each, so that an owner can count frames.
    package enum Event: Equatable {
        /// A frame of a message that is not complete yet.
        case fragment
        /// A whole text message, checked to be UTF-8.
        case text([UInt8])
        /// A whole binary message.
        case binary([UInt8])
        /// A ping; its payload (at most 125 bytes) belongs into the pong.
        case ping([UInt8])
        /// A pong.
        case pong([UInt8])
        /// A close frame, with ``WebSocketCloseCode/none`` if it had no code.
        case close(WebSocketCloseCode, String)
        /// Not WebSocket: close with this code. The reader repeats it for ever.
        case violation(WebSocketCloseCode, String)
    }

    private let role: WebSocketRole
    private let messageLimit: Int
    private var header = WebSocketFrameHeader()
    private var remaining = 0
    private var mask: UInt32 = 0
    private var isInPayload = false
    private var message: [UInt8] = []
    private var messageKind: WebSocketOpcode?
    private var control: [UInt8] = []
    private var text = UTF8Validator()
    private var failure: WebSocketViolation?

    /// A reader for what the peer of `role` sends; messages above `messageLimit` bytes are a violation (1009).
    package init(role: WebSocketRole, messageLimit: Int) {
        self.role = role
        self.messageLimit = messageLimit
    }

    /// The next frame in `input`, and how many bytes were used up to its end. Call again with the rest until it
    /// returns nil: then all input is used, and more is needed.
    package mutating func next(_ input: ByteView, consumed: inout Int) -> Event? {
        consumed = 0
        if let failure { return .violation(failure.code, failure.reason) }
        do throws(WebSocketViolation) {
            return try advance(input, &consumed)
        } catch {
            failure = error
            message = []
            control = []
            return .violation(error.code, error.reason)
        }
    }

    private mutating func advance(_ input: ByteView, _ consumed: inout Int) throws(WebSocketViolation) -> Event? {
        while !isInPayload {
            guard consumed < input.count else { return nil }
            consumed += 1
            if try header.accept(input[consumed - 1], role: role) { try begin() }
        }
        if remaining > 0 {
            let count = min(remaining, input.count - consumed)
            if count > 0 { try take(input.view(consumed, consumed + count)) }
            consumed += count
            remaining -= count
            guard remaining == 0 else { return nil }
        }
        isInPayload = false
        return header.opcode.isControl ? try finishControl() : try finishData()
    }

    private mutating func begin() throws(WebSocketViolation) {
        switch header.opcode {
        case .continuation:
            guard messageKind != nil else { throw .protocolError("a continuation without a beginning") }
        case .text, .binary:
            guard messageKind == nil else { throw .protocolError("a new message within a fragmented one") }
            messageKind = header.opcode
        case .close, .ping, .pong:
            break
        }
        guard header.opcode.isControl || header.length <= UInt64(messageLimit - message.count) else {
            throw WebSocketViolation(code: .messageTooBig, reason: "the message is too long")
        }
        remaining = Int(header.length)
        mask = header.mask
        isInPayload = true
    }

    private mutating func take(_ bytes: ByteView) throws(WebSocketViolation) {
        if header.opcode.isControl {
            let start = control.count
            control.append(contentsOf: bytes)
            mask = Masking.apply(mask, to: &control, from: start)
            return
        }
        let start = message.count
        // A length that is only announced reserves nothing.
        if bytes.count == remaining { message.reserveCapacity(start + bytes.count) }
        message.append(contentsOf: bytes)
        mask = Masking.apply(mask, to: &message, from: start)
        guard messageKind == .text else { return }
        guard message.withUnsafeBufferPointer({ text.accept($0.view(from: start)) }) else {
            throw WebSocketViolation(code: .invalidData, reason: "the text is not UTF-8")
        }
    }

    private mutating func finishData() throws(WebSocketViolation) -> Event {
        guard header.isFinal else { return .fragment }
        let bytes = message
        let kind = messageKind
        message = []
        messageKind = nil
        guard kind == .text else { return .binary(bytes) }
        guard text.isComplete else {
            throw WebSocketViolation(code: .invalidData, reason: "the text ends within a character")
        }
        return .text(bytes)
    }

    private mutating func finishControl() throws(WebSocketViolation) -> Event {
        let payload = control
        control = []
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default: return try close(payload)
        }
    }

    private func close(_ payload: [UInt8]) throws(WebSocketViolation) -> Event {
        if payload.isEmpty { return .close(.none, "") }
        guard payload.count >= 2 else { throw .protocolError("a close frame with half a code") }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isSendable else { throw .protocolError("the close code is not valid") }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw WebSocketViolation(code: .invalidData, reason: "the close reason is not UTF-8")
        }
        return .close(code, reason)
    }
}

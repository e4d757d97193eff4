/// What a frame is for (RFC 6455 §5.2).
enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { rawValue >= 8 }
}

/// Which end of a WebSocket this is; clients mask what they send, servers must not.
package enum WebSocketRole: Sendable {
    /// The end that made the connection.
    case client
    /// The end that accepted it.
    case server
}

/// Reads the 2 to 14 bytes before a frame's payload, one by one.
struct WebSocketFrameHeader {
    private enum Stage {
        case opcode
        case length
        case extended(UInt8)
        case mask(UInt8)
    }

    private(set) var opcode = WebSocketOpcode.continuation
    private(set) var isFinal = false
    private(set) var length: UInt64 = 0
    private(set) var mask: UInt32 = 0
    private var stage = Stage.opcode
    private var lengthSize: UInt8 = 0

    /// Takes a byte; true when the header is complete, after which the next byte begins a new one.
    mutating func accept(_ byte: UInt8, role: WebSocketRole) throws(WebSocketViolation) -> Bool {
        switch stage {
        case .opcode:
            guard byte & 0x70 == 0 else { throw .protocolError("a reserved bit is set") }
            guard let opcode = WebSocketOpcode(rawValue: byte & 0x0f) else {
                throw .protocolError("the opcode is reserved")
            }
            self.opcode = opcode
            isFinal = byte & 0x80 != 0
            guard isFinal || !opcode.isControl else { throw .protocolError("a control frame is fragmented") }
            stage = .length
            return false
        case .length:
            guard (byte & 0x80 != 0) == (role == .server) else {
                throw .protocolError(role == .server ? "a client's frame is not masked" : "a server's frame is masked")
            }
            length = UInt64(byte & 0x7f)
            guard length <= 125 || !opcode.isControl else { throw .protocolError("a control frame is too long") }
            mask = 0
            guard length > 125 else { return beginMask(role) }
            lengthSize = length == 126 ? 2 : 8
            stage = .extended(lengthSize)
            length = 0
            return false
        case .extended(let remaining):
            length = length << 8 | UInt64(byte)
            stage = .extended(remaining - 1)
            guard remaining == 1 else { return false }
            guard length >= (lengthSize == 2 ? 126 : 65536), length >> 63 == 0 else {
                throw .protocolError("the length is not written in the shortest way")
            }
            return beginMask(role)
        case .mask(let remaining):
            // The first byte of the key is the lowest, as the payload is unmasked in memory order.
            mask |= UInt32(byte) << UInt32((4 - remaining) * 8)
            stage = remaining == 1 ? .opcode : .mask(remaining - 1)
            return remaining == 1
        }
    }

    private mutating func beginMask(_ role: WebSocketRole) -> Bool {
        stage = role == .server ? .mask(4) : .opcode
        return role == .client
    }
}

/// What a peer did that a WebSocket does not survive.
struct WebSocketViolation: Error, Equatable {
    let code: WebSocketCloseCode
    let reason: String

    static func protocolError(_ reason: String) -> WebSocketViolation {
        WebSocketViolation(code: .protocolError, reason: reason)
    }
}

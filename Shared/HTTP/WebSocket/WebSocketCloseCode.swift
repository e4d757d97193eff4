/// Why a WebSocket is closed (RFC 6455 §7.4); applications use 4000…4999.
package struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The code as sent.
    package let rawValue: UInt16
    /// A code by its number.
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    /// A code from a literal number.
    package init(integerLiteral value: UInt16) { rawValue = value }

    /// The purpose is fulfilled.
    package static let normal: WebSocketCloseCode = 1000
    /// An end goes away.
    package static let goingAway: WebSocketCloseCode = 1001
    /// The peer broke the protocol.
    package static let protocolError: WebSocketCloseCode = 1002
    /// A kind of data that is not accepted.
    package static let unsupportedData: WebSocketCloseCode = 1003
    /// A close frame without a code; never sent.
    package static let none: WebSocketCloseCode = 1005
    /// The connection ended without a close frame; never sent.
    package static let abnormal: WebSocketCloseCode = 1006
    /// Text that is not UTF-8.
    package static let invalidData: WebSocketCloseCode = 1007
    /// A message that breaks a policy.
    package static let policyViolation: WebSocketCloseCode = 1008
    /// A message that is too long.
    package static let messageTooBig: WebSocketCloseCode = 1009
    /// The server met something unexpected.
    package static let internalError: WebSocketCloseCode = 1011
    /// The service restarts: reconnect, with jitter.
    package static let serviceRestart: WebSocketCloseCode = 1012
    /// Too busy: reconnect later.
    package static let tryAgainLater: WebSocketCloseCode = 1013

    /// True for codes that may stand in a close frame.
    package var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// How a WebSocket ended.
package struct WebSocketClosure: Hashable, Sendable {
    /// The code of whoever closed first; 1005 for a close frame without one, 1006 for a connection that just ended.
    package let code: WebSocketCloseCode
    /// The text beside the code.
    package let reason: String
    /// True if both ends have sent a close frame.
    package let clean: Bool

    /// An end as it is reported.
    package init(code: WebSocketCloseCode, reason: String, clean: Bool) {
        self.code = code
        self.reason = reason
        self.clean = clean
    }
}

import HTTP
import JSON

/// What a listener may say, contract §7; anything else is malformed.
enum EventInboundFrame: Equatable {
    case ping
    case pong
    case auth(token: String)

    init?(_ text: [UInt8]) {
        guard let frame = try? JSON(parsing: text, depthLimit: 32), let type = frame["type"]?.string else { return nil }
        switch type {
        case "ping": self = .ping
        case "pong": self = .pong
        case "auth":
            guard let token = frame["token"]?.string else { return nil }
            self = .auth(token: token)
        default: return nil
        }
    }
}

extension OutboundFrame {
    /// Everything that was missed has been sent.
    static let replayComplete = Array(#"{"type":"replay.complete"}"#.utf8)
    /// What was missed cannot be told.
    static let replayGap = Array(#"{"type":"replay.gap"}"#.utf8)
}

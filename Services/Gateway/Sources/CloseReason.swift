/// Why the gateway closes a socket: the codes of contract §6 that are ours.
enum CloseReason: UInt16 {
    case restart = 1012
    case malformedFrames = 4400
    case credentialRefused = 4401
    case deviceDeleted = 4404
    case silent = 4408
    case superseded = 4409
    case doesNotRead = 4410
    case tooManyFrames = 4429

    var text: String {
        switch self {
        case .restart: "service restart, reconnect with jitter"
        case .malformedFrames: "malformed, binary or unexpected frames"
        case .credentialRefused: "credential expired or revoked"
        case .deviceDeleted: "device deleted"
        case .silent: "no frame for 60 seconds"
        case .superseded: "superseded by a newer connection of this device"
        case .doesNotRead: "frames are not read"
        case .tooManyFrames: "more than 50 frames a second"
        }
    }
}

extension ConnectionEvent.Closure {
    init(_ reason: CloseReason) { self.init(code: Int(reason.rawValue), reason: reason.text) }

    /// The code, if it is the protocol's or ours: an app may choose any of two thousand others.
    var label: String {
        let isKnown = (1000...1015).contains(code) || CloseReason(rawValue: UInt16(clamping: code)) != nil
        return isKnown ? String(code) : "other"
    }
}

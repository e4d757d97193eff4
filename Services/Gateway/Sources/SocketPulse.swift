import EventLoop

/// What every socket is watched for: that it is pinged, does not fall silent, does not flood, and makes sense.
struct SocketPulse {
    static let pingInterval = Duration.seconds(25)
    static let silenceLimit = Duration.seconds(60)
    static let mostMalformedInARow = 3

    private var lastInbound: LoopInstant
    private var lastPing: LoopInstant
    private var budget = FrameBudget()
    private var malformedInARow = 0

    init(at now: LoopInstant) {
        lastInbound = now
        lastPing = now
    }

    /// Counts a frame of any kind; why the socket must close, if it must.
    mutating func frameCame(at now: LoopInstant) -> CloseReason? {
        lastInbound = now
        return budget.spend(at: now.nanoseconds / 1_000_000_000) ? nil : .tooManyFrames
    }

    mutating func wasUnderstood() { malformedInARow = 0 }

    mutating func wasMalformed() -> CloseReason? {
        malformedInARow += 1
        return malformedInARow < Self.mostMalformedInARow ? nil : .malformedFrames
    }

    func isSilent(at now: LoopInstant) -> Bool { now - lastInbound > Self.silenceLimit }

    /// True once per interval.
    mutating func isPingDue(at now: LoopInstant) -> Bool {
        guard now - lastPing >= Self.pingInterval else { return false }
        lastPing = now
        return true
    }
}

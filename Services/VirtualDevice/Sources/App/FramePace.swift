import EventLoop

/// Keeps an app below the cloud's limit of 50 frames a second over 10 seconds, with room for heartbeats.
struct FramePace {
    private static let most = 450
    /// What one command takes.
    private static let perCommand = 2
    /// One second more than the cloud's window, because the two clocks do not tick together.
    private static let window: Int64 = 11

    private var frames = InlineArray<11, UInt16>(repeating: 0)
    private var newest: Int64 = 0
    private var total = 0

    mutating func spend(at now: LoopInstant) {
        advance(to: now)
        total += 1
        frames[Int(newest % Self.window)] &+= 1
    }

    /// How long to wait before asking again whether a command may begin; zero if it may.
    mutating func wait(at now: LoopInstant) -> Duration {
        advance(to: now)
        guard total + Self.perCommand > Self.most else { return .zero }
        return LoopInstant(nanoseconds: (newest + 1) * 1_000_000_000) - now
    }

    private mutating func advance(to now: LoopInstant) {
        let second = now.nanoseconds / 1_000_000_000
        guard second > newest else { return }
        for passed in max(newest + 1, second - Self.window + 1)...second {
            let slot = Int(passed % Self.window)
            total -= Int(frames[slot])
            frames[slot] = 0
        }
        newest = second
    }
}

import EventLoop

/// How often a line may be written that others can cause as often as they like: once in ten seconds, so that they
/// cannot fill the log. Keep one for each such line.
@Loop package final class LogAllowance {
    private static let interval = Duration.seconds(10)

    private var next: LoopInstant?
    private var skipped = 0

    /// One line may be written at once.
    package init() {}

    /// How many lines were left out since the last, if one may be written at `now`; nil if this one is left out, too.
    package func take(at now: LoopInstant = .current) -> Int? {
        if let next, now < next {
            skipped += 1
            return nil
        }
        next = now + Self.interval
        defer { skipped = 0 }
        return skipped
    }
}

/// Waiting times between attempts: doubling from 10 ms to one second, each drawn from the upper half of its step, so
/// that clients that lost the same server do not come back in lockstep.
struct Backoff {
    private var step = Duration.milliseconds(10)

    mutating func next() -> Duration {
        defer { step = min(step * 2, .seconds(1)) }
        return step * Double.random(in: 0.5...1)
    }

    mutating func reset() { step = .milliseconds(10) }
}

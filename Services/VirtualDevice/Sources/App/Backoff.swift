/// How long to wait before the next attempt to connect: full jitter, so that many devices do not come at once.
struct Backoff {
    private static let base = Duration.milliseconds(250)

    private let longest: Duration
    private var attempts = 0
    private var generator: SeededGenerator

    init(longest: Duration, generator: SeededGenerator) {
        self.longest = longest
        self.generator = generator
    }

    mutating func succeeded() { attempts = 0 }

    /// The cloud does not want this device at the moment: the next waits are long ones.
    mutating func refused() { attempts = max(attempts, 4) }

    mutating func next() -> Duration {
        let ceiling = min(Self.base * (1 << min(attempts, 10)), longest)
        attempts += 1
        return .nanoseconds(Int64.random(in: 0...Int64(ceiling / .nanoseconds(1)), using: &generator))
    }
}

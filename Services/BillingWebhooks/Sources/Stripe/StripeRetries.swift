import Curl
import EventLoop

/// Whether, and after which pause, a request to Stripe is sent again
/// (https://docs.stripe.com/error-low-level#idempotency).
struct StripeRetries: Sendable {
    private static let longestPause = Duration.seconds(2)
    /// What is left of the deadline must be worth another attempt.
    private static let shortestAttempt = Duration.milliseconds(250)

    let deadline: LoopInstant
    private var next = Duration.milliseconds(250)

    init(deadline: LoopInstant) { self.deadline = deadline }

    /// 409 means that an equal request is still at work.
    mutating func pause(after response: CurlResponse, now: LoopInstant = .current) -> Duration? {
        let isPassing = response.status == 409 || response.status == 429 || response.status >= 500
        let isWorthIt = response.header("stripe-should-retry").map { $0 == "true" } ?? isPassing
        guard isWorthIt else { return nil }
        let wanted = response.header("retry-after").flatMap { Int($0) }.map { Duration.seconds(min(max($0, 0), 60)) }
        return pause(atLeast: wanted ?? .zero, now)
    }

    mutating func pause(after error: CurlError, now: LoopInstant = .current) -> Duration? {
        switch error {
        case .unreachable, .interrupted: pause(atLeast: .zero, now)
        case .invalidRequest, .overloaded, .bodyTooLarge, .deadline, .cancelled: nil
        }
    }

    private mutating func pause(atLeast wanted: Duration, _ now: LoopInstant) -> Duration? {
        let pause = max(next, wanted)
        next = min(next * 2, Self.longestPause)
        return now + pause + Self.shortestAttempt <= deadline ? pause : nil
    }
}

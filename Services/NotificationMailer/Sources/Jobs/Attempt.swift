import Curl
import Models

/// What becomes of a job after an attempt.
enum Attempt: Equatable {
    case sent
    case again(at: Timestamp, reason: String)
    case givenUp(reason: String)

    /// Half a minute, doubled with each attempt up to an hour, for as long as the job lives.
    init(_ outcome: SMTPOutcome, attempts: Int, expiresAt: Timestamp, now: Timestamp) {
        switch outcome {
        case .accepted: self = .sent
        case .permanentFailure(_, let text): self = .givenUp(reason: text)
        case .temporaryFailure(_, let text):
            self = Self.later(text, attempts, expiresAt, now)
        case .connectionFailed(let text): self = Self.later(text, attempts, expiresAt, now)
        }
    }

    private static func later(_ reason: String, _ attempts: Int, _ expiresAt: Timestamp, _ now: Timestamp) -> Attempt {
        let next = now + min(.seconds(30) * (1 << min(max(attempts - 1, 0), 7)), .seconds(3600))
        return next < expiresAt ? .again(at: next, reason: reason) : .givenUp(reason: "too late: \(reason)")
    }
}

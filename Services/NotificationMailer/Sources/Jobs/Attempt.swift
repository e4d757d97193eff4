import Curl
import Models

/// What becomes of a job after an attempt.
enum Attempt: Equatable {
    case sent
    case again(at: Timestamp, reason: String)
    case givenUp(reason: String)

    /// Half a minute, doubled with each attempt, for as long as the job lives: up to an hour where the server has said
    /// that it wants the mail later, up to five minutes where it has not been reached.
    init(_ outcome: SMTPOutcome, attempts: Int, expiresAt: Timestamp, now: Timestamp) {
        func later(_ reason: String, atMost pause: Duration) -> Attempt {
            let next = now + min(.seconds(30) * (1 << min(max(attempts - 1, 0), 7)), pause)
            return next < expiresAt ? .again(at: next, reason: reason) : .givenUp(reason: "too late: \(reason)")
        }
        self =
            switch outcome {
            case .accepted: .sent
            case .permanentFailure(_, let text): .givenUp(reason: text)
            case .temporaryFailure(_, let text): later(text, atMost: .seconds(3600))
            case .connectionFailed(let text): later(text, atMost: .seconds(300))
            }
    }
}

import Curl
import Models
import Testing

@testable import NotificationMailer

@Suite("An attempt") struct AttemptTests {
    private static let now: Timestamp = "2026-04-09T08:00:00.000Z"

    private func after(_ outcome: SMTPOutcome, attempts: Int = 1, left: Duration = .seconds(86_400)) -> Attempt {
        Attempt(outcome, attempts: attempts, expiresAt: Self.now + left, now: Self.now)
    }

    @Test("that was accepted is the last, and so is one that was refused for good")
    func final() {
        #expect(after(.accepted) == .sent)
        #expect(after(.permanentFailure(code: 550, text: "550 no")) == .givenUp(reason: "550 no"))
    }

    @Test(
        "that failed for now is repeated after ever longer pauses, at most an hour, or five minutes where nobody answered",
        arguments: [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (100, 3600)])
    func backOff(attempts: Int, seconds: Int) {
        let next = Self.now + .seconds(seconds)
        #expect(
            after(.temporaryFailure(code: 451, text: "451 later"), attempts: attempts)
                == .again(at: next, reason: "451 later"))
        let sooner = Self.now + .seconds(min(seconds, 300))
        #expect(after(.connectionFailed("no route"), attempts: attempts) == .again(at: sooner, reason: "no route"))
    }

    @Test("whose next would come too late is the last")
    func late() {
        #expect(after(.connectionFailed("no route"), left: .seconds(30)) == .givenUp(reason: "too late: no route"))
        #expect(after(.connectionFailed("no route"), left: .seconds(31)) != .givenUp(reason: "too late: no route"))
    }
}

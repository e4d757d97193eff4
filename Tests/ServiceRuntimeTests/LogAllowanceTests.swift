import EventLoop
import Testing

@testable import ServiceRuntime

@Suite("A line that others cause") @Loop struct LogAllowanceTests {
    @Test("is written once in ten seconds, and says how many were left out")
    func allowance() {
        let allowance = LogAllowance()
        let start = LoopInstant(nanoseconds: 0)
        let taken = [0, 1, 9_999, 10_000, 10_001, 25_000, 35_000].map { allowance.take(at: start + .milliseconds($0)) }
        #expect(taken == [0, nil, nil, 2, nil, 1, 0])
    }
}

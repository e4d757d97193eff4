import EventLoop
import Models
import Testing

@testable import VirtualDevice

@Suite("The connection's bounds") struct ConnectionTests {
    @Test("the waits grow to their limit, differ by seed and are the same for the same seed")
    func backoff() {
        func waits(_ seed: UInt64) -> [Duration] {
            var backoff = Backoff(longest: .seconds(5), generator: SeededGenerator(seed: seed))
            return (0..<50).map { _ in backoff.next() }
        }
        #expect(waits(1) == waits(1))
        #expect(waits(1) != waits(2))
        #expect(waits(1)[0] <= .milliseconds(250))
        #expect(waits(1).allSatisfy { $0 <= .seconds(5) && $0 >= .zero })
        #expect(waits(1).contains { $0 > .seconds(2) })
    }

    @Test("a device whose edge is away comes in through another")
    @Loop func otherEdge() async throws {
        let cloud = try Cloud(isFirstEdgeAway: true)
        _ = try await cloud.next("status")
        await cloud.stop()
    }

    @Test("no ten seconds hold more frames than the cloud takes, and the pace recovers")
    func pace() {
        var pace = FramePace()
        var sent: [Int64] = []
        var now: Int64 = 1_000_500_000_000
        while now < 1_060_000_000_000 {
            let wait = pace.wait(at: LoopInstant(nanoseconds: now))
            now += max(wait.nanoseconds, 1_000_000)
            guard wait == .zero else { continue }
            for _ in 0..<2 {
                pace.spend(at: LoopInstant(nanoseconds: now))
                sent.append(now)
            }
        }
        var first = 0
        for (index, moment) in sent.enumerated() {
            while sent[first] < moment - 10_000_000_000 { first += 1 }
            #expect(index - first < 500)
        }
        #expect(sent.count > 1_500)
    }
}

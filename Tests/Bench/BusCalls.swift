import Bus
import EventLoop
import Glibc
import JSON
import Models
import Redis

/// Whole calls over the bus between two processes, envelopes and all: what the edge does for a request that it forwards.
@Loop enum BusCalls {
    private static let endpoint = "bench.call"
    /// Owns no routes: nobody else asks the instance that plays it here.
    private static let service = ServiceName.notificationMailer
    private static let owner = "bench-owner"
    /// As long as that of the demonstration's API key; nobody here reads it.
    private static let caller = String(repeating: "x", count: 190)

    static func serve(_ url: String) async throws {
        let bus = Bus(service: service, instance: owner, redis: try RedisURL(parsing: url))
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 300)
        let reply = BusReply(status: 200, headers: ["content-type": "application/json"], body: body)
        bus.serve(endpoint) { _ in reply }
        try await bus.start()
        try await announceReadiness()
    }

    static func call(_ url: String, outstanding: String, seconds: String) async throws -> JSON {
        let bus = Bus(service: .edgeRouter, instance: "caller-\(getpid())", redis: try RedisURL(parsing: url))
        try await bus.start()
        let begin = LoopInstant.current
        let end = begin + .seconds(try number(seconds))
        var waiting = try number(outstanding)
        let finished = Promise<Void, BusError>(deadline: end + .seconds(10), failure: .noAnswer)
        var latencies = Latencies()
        @Loop func next() {
            let sentAt = LoopInstant.current
            let request = BusRequest(
                endpoint: endpoint, path: ["deviceId": "dev_pos_01"], query: ["limit": "50"], headers: [:],
                caller: caller, requestId: "3f0a4a8e-6a53-4c8e-9f0e-0123456789ab", deadline: sentAt + .seconds(5),
                body: [])
            bus.call(request, to: service, .instance(owner)) { result in
                if case .failure(let error) = result {
                    finished.fail(error)
                    return
                }
                let now = LoopInstant.current
                latencies.add(now - sentAt)
                if now < end { return next() }
                waiting -= 1
                if waiting == 0 { finished.succeed(()) }
            }
        }
        for _ in 0..<waiting { next() }
        try await finished.value()
        return latencies.figures(over: LoopInstant.current - begin)
    }
}

import EventLoop
import Redis
import ServiceRuntime

/// What both sides of the bus share: the command connection, the clock and the counters.
@Loop final class Wire {
    let redis: RedisConnection
    let clock: BusClock
    var statistics = BusStatistics()
    /// Where latencies are observed, if anywhere.
    var metrics: Metrics?

    init(_ redis: RedisConnection, clock: BusClock) {
        self.redis = redis
        self.clock = clock
    }

    /// Publishes and reports how many connections received it.
    func publish(
        _ message: [UInt8], to channel: String, then completion: @escaping @Loop (Result<Int64, RedisError>) -> Void
    ) {
        redis.send(["PUBLISH", .string(channel), .bytes(message)]) { result in
            completion(result.map { $0.integer ?? 0 })
        }
    }
}

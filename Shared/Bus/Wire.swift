import EventLoop
import Redis

/// What both sides of the bus share: the command connection and the counters.
@Loop final class Wire {
    let redis: RedisConnection
    var statistics = BusStatistics()

    init(_ redis: RedisConnection) { self.redis = redis }

    /// Publishes and reports how many connections received it.
    func publish(
        _ message: [UInt8], to channel: String, then completion: @escaping @Loop (Result<Int64, RedisError>) -> Void
    ) {
        redis.send(["PUBLISH", .string(channel), .bytes(message)]) { result in
            completion(result.map { $0.integer ?? 0 })
        }
    }
}

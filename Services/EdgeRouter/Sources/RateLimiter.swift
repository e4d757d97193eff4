import EventLoop
import Redis
import ServiceRuntime

/// Counts requests and says whether they may pass; all replicas together, as long as Redis is there.
@Loop final class RateLimiter {
    /// A verdict, and whether it is this process' own only.
    struct Answer: Equatable {
        let verdict: LimitVerdict
        let isDegraded: Bool
    }

    /// Redis answers in well under a millisecond; a connection that hangs must not hold requests up.
    private static let deadline = Duration.seconds(1)

    private let redis: RedisConnection
    private let local = LocalLimiter()
    private let degraded: Counter
    private var isDegraded = false

    init(redis: RedisConnection, metrics: Metrics) {
        self.redis = redis
        degraded = metrics.counter(
            "ebon_edge_limits_degraded_total", "Requests that were counted by this process alone.")
    }

    /// Nil when no bucket is given.
    func check(_ rules: [LimitRule]) async -> Answer? {
        if rules.isEmpty { return nil }
        do throws(RedisError) {
            let keys = rules.map { RedisArgument.string($0.key) }
            let arguments = rules.flatMap {
                [RedisArgument.integer(Int64($0.limit.count)), .integer($0.limit.window.milliseconds)]
            }
            let reply = try await limitScript.run(
                on: redis, keys: keys, arguments: arguments, deadline: Self.deadline)
            if let verdict = LimitVerdict(reply, of: rules) {
                if isDegraded { recover() }
                return Answer(verdict: verdict, isDegraded: false)
            }
            Log.error("the limit script answered something unexpected")
        } catch {
            if !isDegraded { Log.warning("counting requests without Redis", ["error": String(describing: error)]) }
        }
        isDegraded = true
        degraded.increment()
        let verdict = local.check(rules, at: Loop.now.nanoseconds / 1_000_000)
        return verdict.map { Answer(verdict: $0, isDegraded: true) }
    }

    private func recover() {
        isDegraded = false
        local.forget()
        Log.info("counting requests in Redis again")
    }
}

extension LimitVerdict {
    /// Reads the script's reply: whether the request may pass, then two figures per bucket.
    init?(_ reply: RedisValue, of rules: [LimitRule]) {
        guard let figures = reply.array, figures.count == 1 + 2 * rules.count, let isAllowed = figures[0].integer else {
            return nil
        }
        var states: [BucketState] = []
        states.reserveCapacity(rules.count)
        for (index, rule) in rules.enumerated() {
            guard let used = figures[1 + 2 * index].integer, let freeAfter = figures[2 + 2 * index].integer else {
                return nil
            }
            states.append(BucketState(limit: rule.limit.count, used: Int(used), freeAfter: freeAfter))
        }
        self.init(isAllowed: isAllowed == 1, states: states)
    }
}

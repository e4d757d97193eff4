import EventLoop
import Redis
import ServiceRuntime
import TestSupport
import Testing

@testable import EdgeRouter

@Suite("The sliding window in Redis", .timeLimit(.minutes(1))) @Loop struct LimitScriptTests {
    @Test(
        "gives the same verdicts as the plain one, whatever the rhythm",
        arguments: [
            (3, 10_000, 2, 4_000, 700), (1, 5_000, 5, 100_000, 2_000), (10, 100_000, 8, 50_000, 6_000),
            (100, 200_000, 40, 30_000, 900), (5, 100_000, 5, 100_000, 90_000),
        ])
    func oracle(count: Int, window: Int, otherCount: Int, otherWindow: Int, pace: UInt64) async throws {
        try await withRedis { redis in
            let script = RedisScript(limitScriptSource(clock: "local now = tonumber(ARGV[#ARGV])"))
            let rules = [
                LimitRule(key: "a", limit: RateLimit(count: count, window: .milliseconds(window))),
                LimitRule(key: "b", limit: RateLimit(count: otherCount, window: .milliseconds(otherWindow))),
            ]
            let oracle = LocalLimiter()
            var random: UInt64 = 42
            var now: Int64 = 1_700_000_000_000
            for step in 0..<400 {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                // Bursts, steps, and now and then a pause in which everything runs out.
                now += step % 97 == 96 ? 500_000 : Int64((random >> 33) % (2 * pace))
                let asked = step % 3 == 0 ? [rules[0]] : rules
                let reply = try await script.run(
                    on: redis, keys: asked.map { .string($0.key) },
                    arguments: asked.flatMap {
                        [RedisArgument.integer(Int64($0.limit.count)), .integer($0.limit.window.milliseconds)]
                    } + [.integer(now)])
                #expect(LimitVerdict(reply, of: asked) == oracle.check(asked, at: now), "step \(step)")
            }
        }
    }

    @Test("never lets two clients together pass more than the limit, and keeps no more than that")
    func twoClients() async throws {
        try await withRedis { redis in
            let other = RateLimiter(redis: redis, metrics: Metrics())
            let limiter = RateLimiter(redis: redis, metrics: Metrics())
            let rule = LimitRule(key: "k", limit: RateLimit(count: 50, window: .seconds(60)))
            let checks = (0..<200).map { index in
                Task { @Loop in await (index.isMultiple(of: 2) ? limiter : other).check([rule]) }
            }
            var answers: [RateLimiter.Answer?] = []
            for check in checks { answers.append(await check.value) }
            #expect(answers.allSatisfy { $0?.isDegraded == false })
            #expect(answers.count { $0?.verdict.isAllowed == true } == 50)
            #expect(try await redis.send("LLEN", "k").integer == 50)
            let lifetime = try await redis.send("PTTL", "k").integer ?? 0
            #expect((50_000...60_000).contains(lifetime))
        }
    }

    @Test("refuses without counting, and says when a place becomes free")
    func refusal() async throws {
        try await withRedis { redis in
            let limiter = RateLimiter(redis: redis, metrics: Metrics())
            let narrow = LimitRule(key: "narrow", limit: RateLimit(count: 1, window: .seconds(60)))
            let wide = LimitRule(key: "wide", limit: RateLimit(count: 10, window: .seconds(600)))
            let first = try #require(await limiter.check([wide, narrow])).verdict
            #expect(first.isAllowed && first.tightest.remaining == 0 && first.tightest.limit == 1)
            let second = try #require(await limiter.check([wide, narrow])).verdict
            #expect(!second.isAllowed && second.tightest.limit == 1)
            #expect((59...60).contains(second.tightest.resetSeconds))
            #expect(try await redis.send("LLEN", "wide").integer == 1)
            #expect(await limiter.check([]) == nil)
        }
    }

    private func withRedis(_ body: @Loop (RedisConnection) async throws -> Void) async throws {
        try await RedisServer.run { server in
            let redis = RedisConnection(server.url)
            _ = await eventually { redis.isConnected ? true : nil }
            try await body(redis)
            redis.close()
        }
    }
}

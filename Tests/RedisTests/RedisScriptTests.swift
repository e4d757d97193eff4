import EventLoop
import Redis
import TestSupport
import Testing

@Suite("A script", .timeLimit(.minutes(1))) @Loop struct RedisScriptTests {
    @Test("runs with its keys and arguments, by digest from the second time on")
    func digest() async throws {
        try await RedisServer.run { server in
            let redis = RedisConnection(server.url)
            defer { redis.close() }
            _ = await eventually { redis.isConnected ? true : nil }
            let script = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
            #expect(try await script.run(on: redis, keys: ["n"], arguments: [5]) == .integer(5))
            #expect(try await script.run(on: redis, keys: ["n"], arguments: [5]) == .integer(10))
            let statistics = try await redis.send("INFO", "commandstats").string
            #expect(statistics?.contains("cmdstat_evalsha:calls=1,") == true)
        }
    }

    @Test("is sent again, and runs once, when the server has forgotten it")
    func forgotten() async throws {
        try await RedisServer.run { server in
            let redis = RedisConnection(server.url)
            defer { redis.close() }
            _ = await eventually { redis.isConnected ? true : nil }
            let script = RedisScript("return redis.call('INCR', KEYS[1])")
            #expect(try await script.run(on: redis, keys: ["n"]) == .integer(1))
            try await redis.send("SCRIPT", "FLUSH")
            #expect(try await script.run(on: redis, keys: ["n"]) == .integer(2))
            #expect(try await script.run(on: redis, keys: ["n"]) == .integer(3))
        }
    }
}

import EventLoop
import Redis
import TestSupport
import Testing

@Suite("A subscriber", .timeLimit(.minutes(1))) @Loop struct RedisSubscriberTests {
    @Test("receives any bytes, on its own channels only, in order")
    func messages() async throws {
        try await withSubscriber { _, subscriber, redis in
            var received: [[UInt8]] = []
            subscriber.subscribe("one") { received.append($0) }
            try await subscriber.subscribed(within: .seconds(5))
            let messages: [[UInt8]] = [[], [0, 13, 10, 255], Array("plain".utf8)]
            for message in messages {
                #expect(try await redis.send("PUBLISH", "one", .bytes(message)) == .integer(1))
            }
            #expect(try await redis.send("PUBLISH", "two", "x") == .integer(0))
            _ = await eventually { received.count == 3 ? true : nil }
            #expect(received == messages)
        }
    }

    @Test("calls every handler of a channel, and none after the channel was dropped")
    func handlers() async throws {
        try await withSubscriber { _, subscriber, redis in
            var calls: [Int] = []
            subscriber.subscribe("one") { _ in calls.append(1) }
            subscriber.subscribe("one") { _ in calls.append(2) }
            try await subscriber.subscribed(within: .seconds(5))
            try await redis.send("PUBLISH", "one", "x")
            _ = await eventually { calls.count == 2 ? true : nil }
            #expect(calls == [1, 2])
            subscriber.unsubscribe("one")
            let gone = try await eventually { try await redis.send("PUBLISH", "one", "x") == .integer(0) ? true : nil }
            #expect(gone == true)
        }
    }

    @Test("stands on all its channels again after the connection was cut, and says so")
    func reconnect() async throws {
        try await withSubscriber { _, subscriber, redis in
            var received: [[UInt8]] = []
            var reconnects = 0
            for channel in ["one", "two"] { subscriber.subscribe(channel) { received.append($0) } }
            try await subscriber.subscribed(within: .seconds(5))
            subscriber.onReconnect { reconnects += 1 }
            #expect(try await redis.send("CLIENT", "KILL", "TYPE", "pubsub") == .integer(1))
            _ = await eventually { reconnects > 0 ? true : nil }
            #expect(reconnects > 0)
            #expect(try await redis.send("PUBLISH", "one", "a") == .integer(1))
            #expect(try await redis.send("PUBLISH", "two", "b") == .integer(1))
            _ = await eventually { received.count == 2 ? true : nil }
            #expect(received == [[97], [98]])
        }
    }

    @Test("notices a server that went silent by its own pings, and comes back with it")
    func silence() async throws {
        try await withSubscriber { server, subscriber, redis in
            var reconnects = 0
            subscriber.subscribe("one") { _ in }
            try await subscriber.subscribed(within: .seconds(5))
            subscriber.onReconnect { reconnects += 1 }
            server.suspend()
            #expect(await eventually { subscriber.isSubscribed ? nil : true } == true)
            server.resume()
            #expect(await eventually { reconnects > 0 ? true : nil } == true)
        }
    }

    private func withSubscriber(
        _ body: @Loop (RedisServer, RedisSubscriber, RedisConnection) async throws -> Void
    ) async throws {
        try await RedisServer.run { server in
            let subscriber = RedisSubscriber(server.url, pingInterval: .milliseconds(200))
            let redis = RedisConnection(server.url)
            defer {
                subscriber.close()
                redis.close()
            }
            _ = await eventually { redis.isConnected ? true : nil }
            try await body(server, subscriber, redis)
        }
    }
}

import Bus
import EventLoop
import Models
import Redis
import TestSupport
import Testing

@Suite("The bus, when Redis fails", .timeLimit(.minutes(1))) @Loop struct RedisLossTests {
    @Test("serves again after its subscription was killed, and says that messages may be missing")
    func killedSubscription() async throws {
        try await BusFixture.run { fixture in
            var sweeps = 0
            let gateway = try await fixture.start(.gateway, "a", handlers: ["who": { _ in .text("a") }])
            gateway.onReconnect { sweeps += 1 }
            try await fixture.redis.send("CLIENT", "KILL", "TYPE", "pubsub")
            #expect(await eventually { sweeps > 0 ? true : nil } == true)
            #expect(try await gateway.call(.to("who"), to: .gateway).text == "a")
        }
    }

    @Test("finds its peers again in a Redis that restarted empty")
    func restart() async throws {
        try await BusFixture.run { fixture in
            _ = try await fixture.start(.gateway, "a", handlers: ["who": { _ in .text("a") }])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            try await fixture.server.stop()
            _ = await eventually { edge.redis.isConnected ? nil : true }
            let error = await #expect(throws: BusError.self) { try await edge.call(.to("who"), to: .gateway) }
            #expect(error == .notDelivered)
            try await fixture.server.start()
            #expect(
                await eventually { (try? await edge.call(.to("who"), to: .gateway).text) == "a" ? true : nil } == true)
            #expect(await eventually { try? await fixture.redis.send("GET", "instance:gateway:a").string } != nil)
        }
    }

    @Test("ends calls within the deadline when Redis goes silent, and recovers with it")
    func silence() async throws {
        try await BusFixture.run { fixture in
            _ = try await fixture.start(.gateway, "a", handlers: ["who": { _ in .text("a") }])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            fixture.server.suspend()
            let start = LoopInstant.current
            let error = await #expect(throws: BusError.self) { try await edge.call(.to("who"), to: .gateway) }
            #expect(error == .noAnswer)
            #expect(LoopInstant.current - start < .seconds(5))
            fixture.server.resume()
            #expect(
                await eventually { (try? await edge.call(.to("who"), to: .gateway).text) == "a" ? true : nil } == true)
        }
    }

    @Test("forgets an instance that has been silent for three seconds")
    func silentInstance() async throws {
        try await BusFixture.run { fixture in
            let doomed = try await fixture.start(.gateway, "a")
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            #expect(edge.instances(of: .gateway).count == 1)
            try await fixture.crash(doomed)
            #expect(await eventually { edge.instances(of: .gateway).isEmpty ? true : nil } == true)
        }
    }

    @Test("shows a newcomer who is there before it serves, with their addresses")
    func newcomer() async throws {
        try await BusFixture.run { fixture in
            let gateway = try await fixture.start(.gateway, "a")
            gateway.announce(address: "127.0.0.1:7000")
            _ = await eventually {
                try? await fixture.redis.send("GET", "instance:gateway:a").string?.contains("7000") == true ? true : nil
            }
            let edge = Bus(service: .edgeRouter, instance: "edge-1", redis: fixture.server.url)
            try await edge.start()
            #expect(edge.instances(of: .gateway).map(\.address) == ["127.0.0.1:7000"])
            await edge.stop(deadline: Loop.now)
        }
    }
}

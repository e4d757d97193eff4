import Bus
import EventLoop
import Models
import Redis
import TestSupport
import Testing

@Suite("A serving instance", .timeLimit(.minutes(1))) @Loop struct ServeTests {
    @Test("executes a request once, however often it arrives")
    func duplicates() async throws {
        try await BusFixture.run { fixture in
            var executed = 0
            let gateway = try await fixture.start(
                .gateway, "a",
                handlers: [
                    "count": { _ in
                        executed += 1
                        return .text("done")
                    }
                ])
            for _ in 0..<3 {
                try await fixture.redis.send("PUBLISH", "rpc.gateway.a", .string(message(id: "e-1", deadline: .max)))
            }
            #expect(await eventually { gateway.statistics.duplicateRequests == 2 ? true : nil } == true)
            #expect(executed == 1)
        }
    }

    @Test("drops a request whose deadline has passed")
    func expired() async throws {
        try await BusFixture.run { fixture in
            var executed = 0
            let gateway = try await fixture.start(
                .gateway, "a",
                handlers: [
                    "count": { _ in
                        executed += 1
                        return .text("done")
                    }
                ])
            try await fixture.redis.send("PUBLISH", "rpc.gateway.a", .string(message(id: "e-1", deadline: 1)))
            #expect(await eventually { gateway.statistics.expiredRequests == 1 ? true : nil } == true)
            #expect(executed == 0)
        }
    }

    @Test(
        "counts what is no message and goes on",
        arguments: [
            "", "x", "{}\n", "[]\n",
            #"{"v":2,"id":"1","reply":"inbox.x","endpoint":"count","requestId":"r","deadline":9}"# + "\n",
            #"{"v":1,"id":"1","reply":"elsewhere","endpoint":"count","requestId":"r","deadline":99999999999999}"#
                + "\n",
            #"{"v":1,"id":"1","reply":"inbox.x","endpoint":"count","requestId":"r","deadline":99999999999999,"path":{"a":1}}"#
                + "\n",
            #"{"v":1,"id":"1","reply":"inbox.x","endpoint":"count","requestId":"r","deadline":-9223372036854775808}"#
                + "\n",
            String(repeating: "[", count: 100_000),
        ])
    func malformed(text: String) async throws {
        try await BusFixture.run { fixture in
            let gateway = try await fixture.start(.gateway, "a", handlers: ["count": { _ in .text("done") }])
            try await fixture.redis.send("PUBLISH", "rpc.gateway.a", .string(text))
            try await fixture.redis.send("PUBLISH", "inbox.a", .string(text))
            #expect(await eventually { gateway.statistics.malformedMessages == 2 ? true : nil } == true)
            #expect(try await gateway.call(.to("count"), to: .gateway).text == "done")
        }
    }

    @Test("refuses unexecuted what is beyond its limit, or what it does not serve")
    func overload() async throws {
        try await BusFixture.run { fixture in
            let release = Promise<Void, Never>()
            let gateway = try await fixture.start(
                .gateway, "a", limits: Bus.Limits(runningRequests: 1),
                handlers: [
                    "wait": { _ in
                        await release.value()
                        return .text("done")
                    }
                ])
            let first = Task.immediate { @Loop in try await gateway.call(.to("wait"), to: .gateway).text }
            _ = await eventually { gateway.runningRequests == 1 ? true : nil }
            for endpoint in ["wait", "unknown"] {
                let error = await #expect(throws: BusError.self) { try await gateway.call(.to(endpoint), to: .gateway) }
                #expect(error == .notDelivered)
            }
            release.succeed(())
            #expect(try await first.value == "done")
        }
    }

    @Test("leaves to another instance what it refuses")
    func refusal() async throws {
        try await BusFixture.run { fixture in
            _ = try await fixture.start(.gateway, "old")
            _ = try await fixture.start(.gateway, "new", handlers: ["added": { _ in .text("done") }])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            for _ in 0..<20 { #expect(try await edge.call(.to("added"), to: .gateway).text == "done") }
        }
    }

    @Test("refuses again what all have refused, so that the caller need not wait for its deadline")
    func refusedByAll() async throws {
        try await BusFixture.run { fixture in
            for id in ["a", "b"] {
                _ = try await fixture.start(
                    .gateway, id, limits: Bus.Limits(runningRequests: 0),
                    handlers: [
                        "any": { _ in .text("done") }
                    ])
            }
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let error = await #expect(throws: BusError.self) { try await edge.call(.to("any"), to: .gateway) }
            #expect(error == .notDelivered)
        }
    }

    @Test("leaves the registry first, then finishes what runs, when it stops")
    func drain() async throws {
        try await BusFixture.run { fixture in
            let release = Promise<Void, Never>()
            let leaving = try await fixture.start(
                .gateway, "a",
                handlers: [
                    "wait": { _ in
                        await release.value()
                        return .text("done")
                    }
                ])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let call = Task.immediate { @Loop in try await edge.call(.to("wait"), to: .gateway).text }
            _ = await eventually { leaving.runningRequests == 1 ? true : nil }
            let stop = Task.immediate { @Loop in await leaving.stop(deadline: Loop.now + .seconds(10)) }
            #expect(await eventually { edge.instances(of: .gateway).isEmpty ? true : nil } == true)
            #expect(try await fixture.redis.send("GET", "instance:gateway:a") == .null)
            release.succeed(())
            #expect(try await call.value == "done")
            await stop.value
        }
    }

    private func message(id: String, deadline: Int64) -> String {
        #"{"v":1,"id":"\#(id)","reply":"inbox.x","endpoint":"count","requestId":"r","deadline":\#(deadline)}"# + "\n"
    }
}

import Bus
import EventLoop
import Glibc
import JSON
import TestSupport
import Testing

@Suite("A long reply", .timeLimit(.minutes(1))) @Loop struct LongReplyTests {
    /// Longer than Redis lets anyone wait for, if they were sent at once.
    @Test("arrives whole, and a dozen together do not cost the connection")
    func whole() async throws {
        try await BusFixture.run { fixture in
            let size = 3 << 20
            _ = try await fixture.start(.orgLocations, "a", handlers: ["long": { Self.reply($0, size: size) }])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            var reconnections = 0
            edge.onReconnect { reconnections += 1 }
            var replies: [Int: BusReply] = [:]
            for number in 0..<12 {
                edge.call(.to("long", within: .seconds(60), body: "\(number)"), to: .orgLocations) {
                    replies[number] = try? $0.get()
                }
            }
            #expect(await eventually { edge.pendingCalls == 0 ? true : nil } == true)
            #expect(replies.count == 12)
            for (number, reply) in replies {
                #expect(reply.status == 203)
                #expect(reply.body.count == size)
                #expect(reply.headers == ["x": "\(number)"])
                #expect(memcmp(reply.body, Self.body(number, size: size), size) == 0)
            }
            #expect(reconnections == 0)
        }
    }

    @Test("does not let the others wait until all of it is there")
    func overtaken() async throws {
        try await BusFixture.run { fixture in
            _ = try await fixture.start(
                .orgLocations, "a",
                handlers: ["long": { Self.reply($0, size: 8 << 20) }, "short": { _ in .text("short") }])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            var order: [String] = []
            edge.call(.to("long", body: "1"), to: .orgLocations) { _ in order.append("long") }
            edge.call(.to("short"), to: .orgLocations) { _ in order.append("short") }
            #expect(await eventually(within: .seconds(20)) { order.count == 2 ? true : nil } == true)
            #expect(order == ["short", "long"])
        }
    }

    @Test("of more than 32 MiB is refused, and the refusal says so")
    func tooLong() async throws {
        try await BusFixture.run { fixture in
            let gateway = try await fixture.start(
                .gateway, "a", handlers: ["large": { Self.reply($0, size: (32 << 20) + 1) }])
            let reply = try await gateway.call(.to("large", body: "1"), to: .gateway)
            #expect(reply.status == 500)
            #expect(try JSON(parsing: reply.body)["error"]?["message"]?.string?.contains("32 MiB") == true)
            #expect(gateway.runningRequests == 0)
        }
    }

    @Test("that its receiver does not fetch is given up when its time is over")
    func unfetched() async throws {
        try await BusFixture.run { fixture in
            let org = try await fixture.start(
                .orgLocations, "a", handlers: ["long": { Self.reply($0, size: 1 << 20) }])
            let stranger = try await fixture.start(.edgeRouter, "edge-1")
            let deadline = stranger.time.milliseconds + 3_000
            let header =
                #"{"v":1,"id":"x-1","reply":"inbox.edge-1","endpoint":"long","requestId":"r","deadline":\#(deadline)}"#
            try await fixture.redis.send("PUBLISH", "rpc.org-locations.a", .string(header + "\n1"))
            #expect(await eventually { stranger.statistics.unknownReplies == 1 ? true : nil } == true)
            #expect(org.runningRequests == 1)
            #expect(await eventually { org.runningRequests == 0 ? true : nil } == true)
        }
    }

    @Test("whose receiver is gone is given up at once")
    func receiverGone() async throws {
        try await BusFixture.run { fixture in
            let release = Promise<Void, Never>()
            let org = try await fixture.start(
                .orgLocations, "a",
                handlers: [
                    "long": {
                        await release.value()
                        return Self.reply($0, size: 1 << 20)
                    }
                ])
            let caller = try await fixture.start(.edgeRouter, "edge-1")
            caller.call(.to("long", within: .seconds(300), body: "1"), to: .orgLocations) { _ in }
            _ = await eventually { org.runningRequests == 1 ? true : nil }
            try await fixture.crash(caller)
            release.succeed(())
            #expect(await eventually { org.runningRequests == 0 ? true : nil } == true)
        }
    }

    @Test("whose holder dies meanwhile fails without an answer")
    func holderDies() async throws {
        try await BusFixture.run { fixture in
            let org = try await fixture.start(
                .orgLocations, "a", handlers: ["long": { Self.reply($0, size: 8 << 20) }])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            var result: Result<BusReply, BusError>?
            edge.call(.to("long", body: "1"), to: .orgLocations) { result = $0 }
            // Looked at in every turn: the pieces come in turns of the same loop, and some must be missing yet.
            while edge.statistics.calls <= 2, result == nil { try await Loop.sleep(for: .milliseconds(1)) }
            #expect(result == nil)
            try await fixture.crash(org)
            #expect(await eventually { result } == .failure(.noAnswer))
            #expect(edge.pendingCalls == 0)
        }
    }

    private static func body(_ number: Int, size: Int) -> [UInt8] {
        var body = [UInt8](repeating: UInt8(number), count: size)
        for position in stride(from: 0, to: size, by: 4096) {
            body[position] = UInt8(truncatingIfNeeded: position >> 12)
        }
        return body
    }

    private static func reply(_ request: BusRequest, size: Int) -> BusReply {
        let number = Int(String(decoding: request.body, as: UTF8.self)) ?? 0
        return BusReply(status: 203, headers: ["x": "\(number)"], body: body(number, size: size))
    }
}

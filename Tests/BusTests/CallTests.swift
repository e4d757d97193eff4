import EventLoop
import Models
import Redis
import ServiceRuntime
import TestSupport
import Testing

@testable import Bus

@Suite("A call over the bus", .timeLimit(.minutes(1))) @Loop struct CallTests {
    @Test("brings everything of the request to the handler, and the reply back untouched")
    func roundTrip() async throws {
        try await BusFixture.run { fixture in
            var seen: BusRequest?
            var running: TraceContext?
            let reply = BusReply(status: 201, headers: ["location": "/x"], body: [0, 10, 13, 255])
            _ = try await fixture.start(
                .orgLocations, "org-1",
                handlers: [
                    "devices.create": { request in
                        seen = request
                        running = .current
                        return reply
                    }
                ])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let request = BusRequest(
                endpoint: "devices.create", path: ["deviceId": "dev_\"ü\n"], query: ["limit": "5"],
                headers: ["content-type": "application/json"], caller: "signed", requestId: "r",
                trace: Self.trace, deadline: LoopInstant.current + .seconds(10), body: [10, 0, 255])
            #expect(try await edge.call(request, to: .orgLocations) == reply)
            #expect(seen?.path == request.path)
            #expect(seen?.query == request.query)
            #expect(seen?.headers == request.headers)
            #expect(seen?.caller == request.caller)
            #expect(seen?.requestId == "r")
            #expect(seen?.trace == Self.trace && running == Self.trace)
            #expect(seen?.body == request.body)
            let shift = seen.map { $0.deadline - request.deadline } ?? .seconds(9)
            #expect(shift < .milliseconds(50) && shift > .milliseconds(-50))
        }
    }

    private static let trace = TraceContext(
        parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", state: "vendor=1")

    @Test("goes on in the trace of the request that is being handled, to whomever is asked because of it")
    func trace() async throws {
        try await BusFixture.run { fixture in
            var seen: [TraceContext?] = []
            _ = try await fixture.start(
                .gateway, "gateway-1",
                handlers: [
                    "deliver": { request in
                        seen.append(request.trace)
                        return .text("")
                    }
                ])
            let dispatcher = try await fixture.start(.commandDispatcher, "dispatcher-1") { bus in
                bus.serve("order") { _ in
                    _ = try? await bus.call(.to("deliver"), to: .gateway)
                    return .text("")
                }
            }
            _ = await eventually { dispatcher.instances(of: .gateway).isEmpty ? nil : true }
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            await Self.trace?.run { _ = try? await edge.call(.to("order"), to: .commandDispatcher) }
            _ = try await edge.call(.to("order"), to: .commandDispatcher)
            #expect(seen == [Self.trace, nil])
        }
    }

    @Test("is timed at both ends")
    func latencies() async throws {
        try await BusFixture.run { fixture in
            let (callers, owners) = (Metrics(), Metrics())
            _ = try await fixture.start(.gateway, "gateway-1") { bus in
                bus.observe(in: owners)
                bus.serve("deliver") { _ in .text("") }
            }
            let edge = try await fixture.start(.edgeRouter, "edge-1") { $0.observe(in: callers) }
            _ = try await edge.call(.to("deliver"), to: .gateway)
            #expect(callers.exposition().contains(#"ebon_bus_call_seconds_count{to="gateway"} 1"#))
            #expect(owners.exposition().contains(#"ebon_bus_request_seconds_count{endpoint="deliver"} 1"#))
        }
    }

    @Test("keeps its deadline between hosts whose clocks are apart", arguments: [-60, 60])
    func clocksApart(seconds: Int) async throws {
        try await BusFixture.run { fixture in
            var remaining: Duration?
            let org = try await fixture.start(
                .orgLocations, "org-1",
                handlers: [
                    "time": { request in
                        remaining = request.deadline - LoopInstant.current
                        return .text("")
                    }
                ], clockIsOff: .seconds(seconds))
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            _ = try await edge.call(.to("time", within: .seconds(4)), to: .orgLocations)
            #expect(try #require(remaining) > .seconds(3) && remaining! <= .milliseconds(4_100))
            let difference = org.time - edge.time
            #expect(difference > .milliseconds(-200) && difference < .milliseconds(200))
        }
    }

    @Test("fails at once as not delivered when nobody serves")
    func nobody() async throws {
        try await BusFixture.run { fixture in
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let any = await #expect(throws: BusError.self) { try await edge.call(.to("x"), to: .gateway) }
            #expect(any == .notDelivered)
            let one = await #expect(throws: BusError.self) {
                try await edge.call(.to("x"), to: .gateway, .instance("gone"))
            }
            #expect(one == .notDelivered)
        }
    }

    @Test("reaches exactly the instance that it names")
    func addressed() async throws {
        try await BusFixture.run { fixture in
            for id in ["a", "b"] {
                _ = try await fixture.start(.gateway, id, handlers: ["who": { _ in .text(id) }])
            }
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            for id in ["b", "a", "b"] {
                #expect(try await edge.call(.to("who"), to: .gateway, .instance(id)).text == id)
            }
        }
    }

    @Test("takes another instance at once when the first is gone, and forgets that one")
    func failover() async throws {
        try await BusFixture.run { fixture in
            let doomed = try await fixture.start(.gateway, "doomed", handlers: ["who": { _ in .text("doomed") }])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            try await fixture.crash(doomed)
            _ = try await fixture.start(.gateway, "alive", handlers: ["who": { _ in .text("alive") }])
            for _ in 0..<50 { #expect(try await edge.call(.to("who"), to: .gateway).text == "alive") }
            #expect(edge.instances(of: .gateway).map(\.id) == ["alive"])
            #expect(edge.statistics.noAnswer == 0)
        }
    }

    @Test("fails at its deadline when the handler does not answer, and counts the late reply")
    func deadline() async throws {
        try await BusFixture.run { fixture in
            let release = Promise<Void, Never>()
            _ = try await fixture.start(
                .gateway, "slow",
                handlers: [
                    "wait": { _ in
                        await release.value()
                        return .text("late")
                    }
                ])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let error = await #expect(throws: BusError.self) {
                try await edge.call(.to("wait", within: .milliseconds(500)), to: .gateway)
            }
            #expect(error == .noAnswer)
            release.succeed(())
            #expect(await eventually { edge.statistics.lateReplies == 1 ? true : nil } == true)
            #expect(edge.pendingCalls == 0)
        }
    }

    @Test("is answered by who was asked, and by nobody who can only guess its id")
    func forgedReply() async throws {
        try await BusFixture.run { fixture in
            let release = Promise<Void, Never>()
            let gateway = try await fixture.start(
                .gateway, "slow",
                handlers: [
                    "wait": { _ in
                        await release.value()
                        return .text("honest")
                    }
                ])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let call = Task.immediate { @Loop in try await edge.call(.to("wait"), to: .gateway).text }
            _ = await eventually { gateway.runningRequests == 1 ? true : nil }
            for id in ["0-1", "1-1", "-1", "1"] {
                let forged = ReplyEnvelope(id: id, reply: .text("forged")).encoded()
                try await fixture.redis.send("PUBLISH", "inbox.edge-1", .bytes(forged))
            }
            #expect(await eventually { edge.statistics.unknownReplies == 4 ? true : nil } == true)
            release.succeed(())
            #expect(try await call.value == "honest")
        }
    }

    @Test("asks another instance when a repeatable one gets no answer in half of its time")
    func repeatable() async throws {
        try await BusFixture.run { fixture in
            let answers = Answers()
            try await answers.startPair(fixture, serving: "devices.list")
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let reply = try await edge.call(
                .to("devices.list", within: .seconds(4)), to: .orgLocations, isRepeatable: true)
            #expect(answers.asked.count == 2)
            #expect(Set(answers.asked) == ["a", "b"])
            #expect(reply.text == answers.asked.last)
            answers.never.succeed(())
        }
    }

    @Test("is never sent twice when it is not repeatable")
    func notRepeatable() async throws {
        try await BusFixture.run { fixture in
            let answers = Answers()
            try await answers.startPair(fixture, serving: "devices.create")
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let error = await #expect(throws: BusError.self) {
                try await edge.call(.to("devices.create", within: .milliseconds(200)), to: .orgLocations)
            }
            #expect(error == .noAnswer)
            #expect(answers.asked.count == 1)
            answers.never.succeed(())
        }
    }

    @Test("gets its own answer among ten thousand that are under way together")
    func crosstalk() async throws {
        try await BusFixture.run { fixture in
            for id in ["a", "b"] {
                _ = try await fixture.start(
                    .gateway, id, limits: Bus.Limits(runningRequests: 20_000),
                    handlers: [
                        "echo": { request in
                            if request.body.last.map({ $0 % 2 == 0 }) == true { await Task.yield() }
                            return BusReply(status: 200, body: request.body)
                        }
                    ])
            }
            let callers = [
                try await fixture.start(.edgeRouter, "edge-1"), try await fixture.start(.edgeRouter, "edge-2"),
            ]
            var answers = 0
            var wrong = 0
            let done = Promise<Void, Never>()
            for number in 0..<10_000 {
                let text = "call \(number)"
                callers[number % 2].call(.to("echo", body: text), to: .gateway) { result in
                    answers += 1
                    if (try? result.get())?.text != text { wrong += 1 }
                    if answers == 10_000 { done.succeed(()) }
                }
            }
            await done.value()
            #expect(wrong == 0)
            #expect(callers.allSatisfy { $0.pendingCalls == 0 })
        }
    }

    @Test("fails at once when as many are pending as the limit allows, or the message is too large")
    func limits() async throws {
        try await BusFixture.run { fixture in
            _ = try await fixture.start(.gateway, "a", handlers: ["echo": { _ in .text("x") }])
            let edge = try await fixture.start(.edgeRouter, "edge-1", limits: Bus.Limits(pendingCalls: 2))
            var results: [Result<BusReply, BusError>] = []
            for _ in 0..<3 { edge.call(.to("echo"), to: .gateway) { results.append($0) } }
            #expect(results == [.failure(.notDelivered)])
            _ = await eventually { results.count == 3 ? true : nil }
            let large = String(repeating: "x", count: 2 << 20)
            let error = await #expect(throws: BusError.self) {
                try await edge.call(.to("echo", body: large), to: .gateway)
            }
            #expect(error == .notDelivered)
        }
    }

    @Test("spreads over the instances")
    func spread() async throws {
        try await BusFixture.run { fixture in
            let answers = Answers()
            for id in ["a", "b", "c"] {
                _ = try await fixture.start(
                    .gateway, id,
                    handlers: [
                        "who": { _ in
                            answers.asked.append(id)
                            return .text(id)
                        }
                    ])
            }
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            var count = 0
            for _ in 0..<300 { edge.call(.to("who"), to: .gateway) { _ in count += 1 } }
            _ = await eventually { count == 300 ? true : nil }
            for id in ["a", "b", "c"] { #expect(answers.asked.count { $0 == id } > 60) }
        }
    }
}

@Loop private final class Answers {
    var asked: [String] = []
    /// What the first that is asked waits for.
    let never = Promise<Void, Never>()

    /// Starts two instances that answer with their id, but for the first that is asked.
    func startPair(_ fixture: BusFixture, serving name: String) async throws {
        for id in ["a", "b"] {
            _ = try await fixture.start(
                .orgLocations, id,
                handlers: [
                    name: { [self] _ in
                        asked.append(id)
                        if asked.count == 1 { await never.value() }
                        return .text(id)
                    }
                ])
        }
    }
}

import Bus
import EventLoop
import JSON
import Models
import Redis
import TestSupport
import Testing

@Suite("A message between services", .timeLimit(.minutes(1))) @Loop struct MessageTests {
    @Test("reaches the handler of its type, whose answer comes back typed, with the request's id")
    func answer() async throws {
        try await BusFixture.run { fixture in
            var seen: (DeliverCommand, MessageContext)?
            let gateway = try await fixture.start(.gateway, "a") { bus in
                bus.handle(DeliverCommand.self) { message, context in
                    seen = (message, context)
                    return Delivery(.written)
                }
            }
            let reply = try await gateway.call(DeliverCommand.example, to: .instance("a"), requestId: "r-1")
            #expect(reply == Delivery(.written))
            #expect(seen?.0 == DeliverCommand.example)
            #expect(seen?.1.requestId == "r-1")
        }
    }

    @Test("is refused with a 500 when its handler fails or its body is none")
    func failure() async throws {
        try await BusFixture.run { fixture in
            let gateway = try await fixture.start(.gateway, "a") { bus in
                bus.handle(DeliverCommand.self) { _, _ in throw Failure() }
            }
            let error = await #expect(throws: BusError.self) {
                try await gateway.call(DeliverCommand.example, requestId: "r-1")
            }
            guard case .refused(let reply) = error else { throw Failure() }
            #expect(reply.status == 500)
            #expect(!reply.text.contains("Failure"))
            #expect(try await gateway.call(.to("gateway.deliver", body: "{"), to: .gateway).status == 500)
        }
    }

    @Test("as a hint reaches everybody who listens, and an unreadable one nobody")
    func hint() async throws {
        try await BusFixture.run { fixture in
            var heard: [CommandsFinished] = []
            for id in ["a", "b"] {
                let bus = try await fixture.start(.gateway, id) { bus in
                    bus.subscribe(CommandsFinished.self) { heard.append($0) }
                }
                #expect(bus.isReady)
            }
            let sender = try await fixture.start(.commandDispatcher, "c")
            try await fixture.redis.send("PUBLISH", "hint.command.finished", "{")
            sender.publish(CommandsFinished.example)
            _ = await eventually { heard.count == 2 ? true : nil }
            #expect(heard == [.example, .example])
        }
    }
}

private struct Failure: Error {}

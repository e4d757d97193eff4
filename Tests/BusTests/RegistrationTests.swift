import EventLoop
import Models
import Redis
import TestSupport
import Testing

@testable import Bus

@Suite("The registry of instances", .serialized) @Loop struct RegistrationTests {
    @Test("believes in an instance by the key that only its service can write, not by what anybody says")
    func impersonation() async throws {
        try await BusFixture.run { fixture in
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let intruder = Instance(service: .gateway, id: "intruder", address: "elsewhere:1", load: 0)
            let foreign = RedisArgument.string("instance:notification-mailer:intruder")
            try await fixture.redis.send("SET", foreign, .bytes(intruder.json()))
            try await fixture.redis.send("SADD", "instances", foreign)
            try await fixture.redis.send("PUBLISH", "instances", .bytes(intruder.json()))
            let newcomer = try await fixture.start(.edgeRouter, "edge-2")
            let honest = try await fixture.start(.gateway, "honest")
            honest.announce(address: "here:1")
            for bus in [edge, newcomer] {
                let isMoved: Bool? = await eventually {
                    bus.instances(of: .gateway).first?.address == "here:1" ? true : nil
                }
                #expect(isMoved == true)
                #expect(bus.instances(of: .gateway).map(\.id) == ["honest"])
            }
        }
    }

    @Test("lets nobody move an instance to another address")
    func moved() async throws {
        try await BusFixture.run { fixture in
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            _ = try await fixture.start(.gateway, "honest")
            let lie = Instance(service: .gateway, id: "honest", address: "elsewhere:1", load: 0)
            try await fixture.redis.send("PUBLISH", "instances", .bytes(lie.json()))
            _ = try await fixture.start(.gateway, "later")
            #expect(edge.instances(of: .gateway).allSatisfy { $0.address == nil })
        }
    }
}

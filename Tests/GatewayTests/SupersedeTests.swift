import EventLoop
import HTTP
import JSON
import Models
import TestSupport
import Testing

@testable import Gateway

@Suite("A newer socket of the same device", .serialized) @Loop struct SupersedeTests {
    @Test("supersedes the older one, on the same gateway or another, and the device stays online", arguments: [0, 1])
    func supersedes(other: Int) async throws {
        try await GatewayFixture.run(gateways: 2) { fixture in
            let old = try await fixture.connect("dev_1")
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
            let new = try await fixture.connect("dev_1", to: other)
            #expect(await old.closeCode() == 4409)
            #expect(await new.frame("welcome") != nil)
            await fixture.settled(0)
            await fixture.settled(1)
            // Later writes announce nothing either.
            fixture.gateways[other].sockets.writeAll()
            await fixture.settled(other)
            let events = try await fixture.events(of: "dev_1")
            #expect(events.filter { $0.hasPrefix("device.status") } == ["device.status online"])
            #expect(events.contains("app.disconnected 4409"))
            #expect(try await fixture.holder(of: "dev_1")?.session == new.frames[0]["session"]?.string)
        }
    }

    @Test("is found by the older one's gateway when it renews its presence, if no word of it has come")
    func unheard() async throws {
        try await GatewayFixture.run { fixture in
            let old = try await fixture.connect("dev_1")
            let newer = DeviceSnapshot.of("dev_1", epoch: 1_000)
            try await fixture.claim(newer)
            await fixture.gateways[0].sockets.renewPresence()
            #expect(await old.closeCode() == 4409)
            #expect(try await fixture.holder(of: "dev_1")?.session == newer.session)
        }
    }

    @Test("is never beaten by a handshake that began before it, and has the device to itself")
    func lateClaim() async throws {
        try await GatewayFixture.run { fixture in
            let newer = DeviceSnapshot.of("dev_1", epoch: 1_000)
            try await fixture.claim(newer)
            #expect(try await fixture.refusal("deviceId=dev_1")?.status == 503)
            await fixture.settled()
            #expect(try await fixture.holder(of: "dev_1")?.session == newer.session)
            #expect(try await fixture.events(of: "dev_1") == [])
        }
    }
}

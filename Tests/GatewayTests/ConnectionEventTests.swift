import EventLoop
import Models
import Postgres
import Redis
import TestSupport
import Testing

@testable import Gateway

@Suite("Of a device's sockets, the events and the history", .serialized) @Loop struct ConnectionEventTests {
    /// Sockets by epoch, positive where one begins and negative where it ends, batch by batch.
    struct Case: Sendable {
        let batches: [[Int64]]
        let told: String

        init(_ batches: [[Int64]], _ told: String) { (self.batches, self.told) = (batches, told) }
    }

    nonisolated static let cases: [Case] = [
        Case([[1]], "+ "), Case([[1], [-1]], "+ -"), Case([[1, -1, 2, -2, 3]], "+ - + - +"),
        // The answer to a COMMIT was lost, and the batch comes again, alone or with what has happened since.
        Case([[1], [1]], "+"), Case([[1, -1], [1, -1, 2]], "+ - +"), Case([[1], [1, -1]], "+ -"),
        // The gateway that held the first socket has died, or says so later than its successor.
        Case([[1], [2]], "+ - +"), Case([[1], [2], [-1], [-2], [-2]], "+ - + -"),
        Case([[1], [-1, 3], [2, -2]], "+ - +"),
        Case([[2], [1, -1]], "+"),
    ]

    @Test("tell each beginning and end once and in order, whoever writes late, twice or never", arguments: cases)
    func told(_ expected: Case) async throws {
        try await GatewayFixture.run { fixture in
            let store = GatewayStore(pool: fixture.owner)
            for batch in expected.batches {
                _ = try await store.write([change(batch)], at: .now())
            }
            let wanted = expected.told.split(separator: " ").map { $0 == "+" ? "connected" : "disconnected" }
            let events = try await fixture.events(of: "dev_1").filter { $0.hasPrefix("app.") }
            #expect(events.map { $0.dropFirst(4).prefix { $0 != " " } } == wanted.map { $0[...] })
            let history = try await fixture.owner.query("SELECT type FROM gateway.connection_events ORDER BY id")
            #expect(try history.map { try $0.string("type") } == wanted)
        }
    }

    private func change(_ sockets: [Int64]) -> DeviceChange {
        var change = DeviceChange(.of("dev_1", epoch: 0))
        for socket in sockets {
            let snapshot = DeviceSnapshot.of("dev_1", epoch: abs(socket)).with(\.connected, socket > 0)
            if snapshot.epoch >= change.snapshot.epoch { change.snapshot = snapshot }
            let closure = ConnectionEvent.Closure(code: 1006, reason: "connection lost")
            change.append(ConnectionEvent(snapshot: snapshot, at: .now(), closure: socket > 0 ? nil : closure))
        }
        return change
    }

    @Test("are bounded while the database cannot be written, and go on in turns")
    func bounded() {
        var change = change([1])
        for socket in Int64(2)...100 {
            for event in self.change([1 - socket, socket]).connections { change.append(event) }
        }
        #expect((18...20).contains(change.connections.count))
        let kinds = change.connections.map { $0.closure == nil }
        #expect(zip(kinds, kinds.dropFirst()).allSatisfy { $0 != $1 })
        #expect(change.connections.last?.snapshot.epoch == 100)
    }

    @Test(
        "say that a gateway died when the device is back before anybody has noticed, whatever the dead one writes yet")
    func gatewayDied() async throws {
        try await GatewayFixture.run(gateways: 2) { fixture in
            let old = try await fixture.connect("dev_1")
            await fixture.settled(0)
            await fixture.gateways[0].bus.stop(deadline: .current)
            let redis = RedisConnection(fixture.redis.url)
            let deaf: Bool? = await eventually {
                let channels = try? await redis.send(["PUBSUB", "CHANNELS", "*.gateway-1"]).array
                return channels?.isEmpty == true ? true : nil
            }
            #expect(deaf == true)
            redis.close()
            _ = try await fixture.connect("dev_1", to: 1)
            await fixture.settled(1)
            old.socket?.close()
            #expect(await old.closeCode() == 1000)
            await fixture.settled(0)
            let events = try await fixture.events(of: "dev_1")
            #expect(
                events == [
                    "app.connected", "device.status online", "app.disconnected 1006", "app.connected",
                ])
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
        }
    }

    @Test("say with which code a living gateway's socket was superseded", arguments: [0, 1])
    func superseded(other: Int) async throws {
        try await GatewayFixture.run(gateways: 2) { fixture in
            let old = try await fixture.connect("dev_1")
            await fixture.settled(0)
            _ = try await fixture.connect("dev_1", to: other)
            #expect(await old.closeCode() == 4409)
            await fixture.settled(0)
            await fixture.settled(1)
            #expect(
                try await fixture.events(of: "dev_1") == [
                    "app.connected", "device.status online", "app.disconnected 4409", "app.connected",
                ])
        }
    }
}

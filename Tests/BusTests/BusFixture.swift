import Bus
import EventLoop
import Models
import Redis
import TestSupport

/// Buses of several instances on one private Redis.
@Loop final class BusFixture {
    let server: RedisServer
    /// A connection of its own, for looking at Redis and for breaking it.
    let redis: RedisConnection
    private var buses: [Bus] = []

    static func run(_ body: @Loop (BusFixture) async throws -> Void) async throws {
        try await RedisServer.run { server in
            let fixture = BusFixture(server)
            _ = await eventually { fixture.redis.isConnected ? true : nil }
            try await body(fixture)
            for bus in fixture.buses { await bus.stop(deadline: Loop.now) }
            fixture.redis.close()
        }
    }

    private init(_ server: RedisServer) {
        self.server = server
        redis = RedisConnection(server.url)
    }

    /// Starts an instance with its handlers, and waits until every earlier one knows it.
    func start(
        _ service: ServiceName, _ instance: String, limits: Bus.Limits = Bus.Limits(),
        handlers: [String: @Loop (BusRequest) async -> BusReply] = [:], clockIsOff: Duration = .zero,
        mount: @Loop (Bus) -> Void = { _ in }
    ) async throws -> Bus {
        let bus = Bus(
            service: service, instance: instance, redis: server.url, callers: .ofTests, limits: limits
        ) { .now() + clockIsOff }
        for (name, handler) in handlers { bus.serve(name, handler) }
        mount(bus)
        try await bus.start()
        buses.append(bus)
        _ = await eventually { [buses] in
            buses.allSatisfy { $0.instances(of: service).contains { $0.id == instance } } ? true : nil
        }
        return bus
    }

    /// Takes an instance's connections away without a word, as a crash does.
    func crash(_ bus: Bus) async throws {
        buses.removeAll { $0 === bus }
        bus.abandon()
        _ = await eventually { [redis] in
            let channel = RedisArgument.string("rpc.\(bus.instance.service.rawValue).\(bus.instance.id)")
            return try? await redis.send("PUBSUB", "NUMSUB", channel).array?.last == .integer(0) ? true : nil
        }
    }
}

extension BusRequest {
    static func to(_ endpoint: String, within deadline: Duration = .seconds(10), body: String = "") -> BusRequest {
        BusRequest(
            endpoint: endpoint, requestId: "request-1", deadline: LoopInstant.current + deadline,
            body: Array(body.utf8))
    }
}

extension BusReply {
    static func text(_ text: String) -> BusReply { BusReply(status: 200, body: Array(text.utf8)) }
    var text: String { String(decoding: body, as: UTF8.self) }
}

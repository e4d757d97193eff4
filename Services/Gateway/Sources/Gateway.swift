import Bus
import Crypto
import EventLoop
import Models
import Postgres
import ServiceRuntime

/// The service, put together: the same in production and in tests.
@Loop final class Gateway {
    let bus: Bus
    let sockets: DeviceSockets
    let events: EventSockets
    let watch: CredentialWatch
    let server: SocketServer
    let writer: StateWriter
    private let instance: String
    private let pool: PostgresPool
    private let store: GatewayStore
    private let open: Gauge
    private var lastHeartbeat = LoopInstant.current

    init(
        pool: PostgresPool, bus: Bus, metrics: Metrics, signature: SignedCaller, tokens: JSONWebTokens,
        eventSockets: EventSocketLimits
    ) {
        self.pool = pool
        self.bus = bus
        instance = bus.instance.id
        store = GatewayStore(pool: pool)
        writer = StateWriter(store: store, bus: bus)
        let presence = Presence(bus)
        sockets = DeviceSockets(
            instance: instance, presence: presence, writer: writer,
            results: ResultForwarder(bus: bus, metrics: metrics),
            bus: bus, metrics: metrics)
        events = EventSockets(pool: pool, tokens: tokens, limits: eventSockets, metrics: metrics)
        watch = CredentialWatch(store: store, sockets: sockets, events: events)
        server = SocketServer(
            doorkeeper: Doorkeeper(devices: DeviceLookups(store: store), presence: presence, sockets: sockets),
            events: events, signature: signature, bus: bus)
        open = metrics.gauge("ebon_gateway_sockets", "Device sockets that are open.")
        Handlers(store: store, sockets: sockets).mount(on: bus)
        bus.subscribe(DeviceGone.self) { [watch] hint in
            Task.immediate(executorPreference: Loop.executor) { @Loop in try? await watch.look(at: hint.deviceId) }
        }
        bus.subscribe(CredentialsChanged.self) { [watch] hint in
            Task.immediate(executorPreference: Loop.executor) { @Loop in try? await watch.check(hint.orgId) }
        }
        bus.subscribe(OutboxGrew.self) { [events] _ in events.wake() }
        bus.onReconnect { [events] in events.wake() }
        bus.onReconnect { [sockets] in
            Task.immediate(executorPreference: Loop.executor) { @Loop in await sockets.renewPresence() }
        }
    }

    func components(_ config: Config) -> [Component] {
        [
            pool.component,
            bus.component,
            Component("state") {
                // A process of the same name that died has left sockets behind that are not there any more.
                try await self.store.leave(self.instance)
                try await self.writeOffLost()
                try await self.store.heartbeat(of: self.instance)
            } stop: { deadline in
                await self.writer.drain(until: deadline)
                try? await self.store.leave(self.instance)
            },
            .periodic("heartbeat", every: .seconds(5)) { try await self.heartbeat(at: .current) },
            .periodic("presence", every: DeviceSockets.presenceInterval) { await self.sockets.renewPresence() },
            .periodic("credentials", every: CredentialWatch.interval) { try await self.watch.check() },
            .periodic("deleted devices", every: .seconds(60)) { try await self.store.forgetDeleted() },
            .periodic("last seen", every: DeviceSockets.lastSeenInterval) { self.sockets.writeLastSeen() },
            .periodic("events", every: EventFeed.sweepInterval) { self.events.wake() },
            .periodic("sockets", every: .seconds(1)) {
                self.sockets.tick(.current, .now())
                self.events.tick(.current, .now())
                self.open.set(Double(self.sockets.count))
            },
            Component("socket server") {
                let port = try self.server.listen(host: config.socketHost, port: config.socketPort)
                let host = config.advertisedHost ?? config.socketHost
                self.bus.announce(address: "\(host):\(port)")
            } stop: { deadline in
                await self.server.drain(within: .seconds(1))
                async let listeners: Void = self.events.drain(over: config.drain, until: deadline)
                await self.sockets.drain(over: config.drain, until: deadline)
                await listeners
            },
            bus.withdrawal,
        ]
    }

    /// Says that this process lives, and writes off what others that do not have left behind.
    func heartbeat(at now: LoopInstant) async throws {
        try await store.heartbeat(of: instance)
        // A process that was stopped for so long, or had no database, has been written off itself.
        if now - lastHeartbeat > .seconds(12) { sockets.writeAll() }
        lastHeartbeat = now
        try await writeOffLost()
    }

    private func writeOffLost() async throws {
        while try await store.disconnectLost() { bus.publish(OutboxGrew()) }
    }
}

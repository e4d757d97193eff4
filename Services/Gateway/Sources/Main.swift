import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(ServiceName.gateway.rawValue, GatewayConfiguration.self) { configuration, runtime in
            let gateway = Gateway(configuration, runtime)
            return gateway.components
        }
    }
}

/// What the process is made of.
@Loop struct Gateway {
    let components: [Component]

    init(_ configuration: GatewayConfiguration, _ runtime: Runtime) {
        let pool = PostgresPool(.init(url: configuration.databaseURL, applicationName: runtime.instance))
        let bus = Bus(service: .gateway, instance: runtime.instance, redis: configuration.redisURL)
        let store = GatewayStore(pool: pool)
        let writer = StateWriter(store: store, bus: bus)
        let presence = Presence(bus)
        let sockets = DeviceSockets(
            instance: runtime.instance, presence: presence, writer: writer,
            results: ResultForwarder(bus: bus, metrics: runtime.metrics))
        let doorkeeper = Doorkeeper(store: store, presence: presence, bus: bus, sockets: sockets)
        let server = SocketServer(doorkeeper: doorkeeper, signature: configuration.callerSignature)
        let watch = CredentialWatch(store: store, sockets: sockets)
        let open = runtime.metrics.gauge("ebon_gateway_sockets", "Device sockets that are open.")
        Handlers(store: store, sockets: sockets).mount(on: bus)
        bus.onReconnect { Task.immediate { @Loop in await sockets.renewPresence() } }
        bus.observe(in: runtime.metrics)
        runtime.addReadinessCheck("bus") { bus.isReady ? .ready : .unready("Redis is away") }

        components = [
            Component("database") {
                try await store.heartbeat(of: runtime.instance)
            } stop: { deadline in
                await pool.close(within: deadline - .current)
            },
            bus.component,
            Component("state") {
            } stop: { deadline in
                await writer.drain(until: deadline)
                try? await store.leave(runtime.instance)
            },
            .periodic("heartbeat", every: .seconds(5)) {
                try await store.heartbeat(of: runtime.instance)
                if try await store.disconnectLost() { bus.publish(OutboxGrew()) }
            },
            .periodic("presence", every: .seconds(20)) { await sockets.renewPresence() },
            .periodic("credentials", every: CredentialWatch.interval) { try await watch.check() },
            .periodic("last seen", every: DeviceSockets.lastSeenInterval) { sockets.writeLastSeen() },
            .periodic("sockets", every: .seconds(1)) {
                sockets.tick(LoopInstant.current, Timestamp.now())
                open.set(Double(sockets.count))
            },
            Component("socket server") {
                let port = try server.listen(host: configuration.socketHost, port: configuration.socketPort)
                let host = configuration.advertisedHost ?? configuration.socketHost
                bus.announce(address: "\(host):\(port)")
            } stop: { deadline in
                await server.drain(within: .seconds(1))
                await sockets.drain(over: configuration.drain, until: deadline)
            },
            bus.withdrawal,
        ]
    }
}

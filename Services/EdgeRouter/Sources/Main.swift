import Bus
import EventLoop
import HTTP
import Models
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(ServiceName.edgeRouter.rawValue, EdgeConfiguration.self) { configuration, runtime in
            let bus = Bus(service: .edgeRouter, instance: runtime.instance, redis: configuration.redisURL)
            let tunnels = SocketTunnels(
                bus: bus, signature: configuration.callerSignature, limit: configuration.maximumTunnels,
                metrics: runtime.metrics)
            let edge = try Edge(
                routes: allRoutes, settings: configuration.limits, proxies: configuration.trustedProxies,
                credentials: Credentials(tokens: configuration.tokens, metrics: runtime.metrics, bus: bus),
                limiter: RateLimiter(redis: bus.redis, metrics: runtime.metrics), forwarder: Forwarder(bus: bus),
                tunnels: tunnels, metrics: runtime.metrics)
            let server = httpServer(of: edge)
            runtime.addReadinessCheck("bus") { bus.isReady ? .ready : .unready("no connection to Redis") }
            return [
                bus.component,
                Component("tunnels", stop: { await tunnels.drain(until: $0) }),
                Component("http") {
                    let endpoint = StreamEndpoint.tcp(host: configuration.host, port: configuration.port)
                    runtime.announce("port", port: Int(try server.listen(on: endpoint).port))
                } stop: {
                    await server.drain(within: $0 - LoopInstant.current)
                },
            ]
        }
    }
}

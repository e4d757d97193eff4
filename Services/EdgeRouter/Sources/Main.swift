import Bus
import EventLoop
import HTTP
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(.edgeRouter, Config.self) { config, runtime in
            let bus = runtime.bus(.edgeRouter, redis: config.redisURL)
            let tunnels = SocketTunnels(
                bus: bus, signature: config.callerSignature, limit: config.maximumTunnels,
                metrics: runtime.metrics)
            let edge = try Edge(
                routes: allRoutes, settings: config.limits, proxies: config.trustedProxies,
                credentials: Credentials(
                    tokens: config.tokens, signature: config.callerSignature, metrics: runtime.metrics, bus: bus),
                limiter: RateLimiter(redis: bus.redis, metrics: runtime.metrics), forwarder: Forwarder(bus: bus),
                tunnels: tunnels, metrics: runtime.metrics)
            let server = httpServer(of: edge)
            return [
                bus.component,
                Component("http") {
                    let endpoint = StreamEndpoint.tcp(host: config.host, port: config.port)
                    runtime.announce("port", port: Int(try server.listen(on: endpoint).port))
                } stop: { deadline in
                    // A request may take as long as its live route waits; sockets need not wait for it.
                    async let tunnelsClosed: Void = tunnels.drain(until: deadline)
                    await server.drain(within: deadline - LoopInstant.current)
                    await tunnelsClosed
                },
            ]
        }
    }
}

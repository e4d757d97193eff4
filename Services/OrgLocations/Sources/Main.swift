import Bus
import EventLoop
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(.orgLocations, Config.self) { config, runtime in
            let pool = runtime.database(config.databaseURL)
            let bus = runtime.bus(.orgLocations, redis: config.redisURL, callers: config.callerSignature)
            let service = OrgLocations(
                pool: pool, bus: bus, tokens: config.tokens, links: config.links, limits: config.loginLimits,
                metrics: runtime.metrics)
            service.mount()
            return [
                pool.component,
                Component("last key uses", stop: { _ in try? await service.usage.write() }),
                bus.component,
                .periodic("key usage", every: .seconds(5)) { try await service.usage.write() },
                .periodic("password resets", every: .seconds(5)) { service.resets.wake() },
                .periodic("what has expired", every: .seconds(3600)) { try await service.forgetExpired() },
                bus.withdrawal,
            ]
        }
    }
}

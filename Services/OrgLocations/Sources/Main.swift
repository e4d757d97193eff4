import Bus
import Crypto
import EventLoop
import Postgres
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run("org-locations", OrgLocationsConfiguration.self) { configuration, runtime in
            let pool = PostgresPool(
                PostgresConfiguration(url: configuration.database.revealed, applicationName: runtime.instance))
            let bus = Bus(service: .orgLocations, instance: runtime.instance, redis: configuration.redis)
            let service = OrgLocations(pool: pool, bus: bus, tokens: .portal(keys: configuration.signing))
            service.mount()
            runtime.addReadinessCheck("bus") { bus.isReady ? .ready : .unready("no connection to Redis") }
            runtime.addReadinessCheck("database") { pool.isReady ? .ready : .unready("no connection") }
            bus.observe(in: runtime.metrics)
            return [
                Component("database", stop: { deadline in await pool.close(within: deadline - Loop.now) }),
                Component("last key uses", stop: { _ in try? await service.usage.write() }),
                bus.component,
                .periodic("key usage", every: .seconds(5)) { try await service.usage.write() },
                .periodic("expired sessions", every: .seconds(3600)) { try await service.sessions.forgetExpired() },
                bus.withdrawal,
            ]
        }
    }
}

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
            return [
                Component("database", stop: { _ in await pool.close() }),
                Component("last key uses", stop: { _ in try? await service.usage.write() }),
                .periodic("key usage", every: .seconds(5)) { try await service.usage.write() },
                .periodic("expired sessions", every: .seconds(3600)) { try await service.sessions.forgetExpired() },
                Component(
                    "bus", start: { try await bus.start() },
                    stop: { deadline in await bus.stop(deadline: deadline) }),
            ]
        }
    }
}

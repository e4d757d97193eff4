import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(ServiceName.alertsEngine.rawValue, AlertsConfiguration.self) { configuration, runtime in
            let pool = PostgresPool(.init(url: configuration.databaseURL, applicationName: runtime.instance))
            let bus = Bus(service: .alertsEngine, instance: runtime.instance, redis: configuration.redisURL)
            Handlers(store: DeviceStore(pool: pool)).mount(on: bus)
            bus.observe(in: runtime.metrics)
            runtime.addReadinessCheck("bus") { bus.isReady ? .ready : .unready("Redis is away") }
            return [
                Component("database") {
                } stop: { deadline in
                    await pool.close(within: deadline - .current)
                },
                bus.component,
                bus.withdrawal,
            ]
        }
    }
}

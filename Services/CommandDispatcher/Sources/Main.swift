import Bus
import Models
import Postgres
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(ServiceName.commandDispatcher.rawValue, Config.self) { config, runtime in
            let database = PostgresConfiguration(url: config.database.revealed, applicationName: runtime.instance)
            let pool = PostgresPool(database)
            let bus = Bus(service: .commandDispatcher, instance: runtime.instance, redis: config.redis)
            runtime.addReadinessCheck("bus") { bus.isReady ? .ready : .unready("not connected") }
            runtime.addReadinessCheck("postgres") { pool.isReady ? .ready : .unready("not connected") }
            bus.observe(in: runtime.metrics)
            return Dispatcher(
                pool: pool, bus: bus, metrics: runtime.metrics, patience: config.patience,
                timeLimit: config.commandTimeLimit
            ).components
        }
    }
}

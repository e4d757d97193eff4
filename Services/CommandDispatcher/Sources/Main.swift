import Bus
import Models
import Postgres
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(ServiceName.commandDispatcher.rawValue, Config.self) { config, runtime in
            let database = PostgresConfiguration(url: config.database.revealed, applicationName: runtime.instance)
            let bus = Bus(service: .commandDispatcher, instance: runtime.instance, redis: config.redis)
            runtime.addReadinessCheck("bus") { bus.isReady ? .ready : .unready("not connected") }
            return Dispatcher(pool: PostgresPool(database), bus: bus, patience: config.patience).components
        }
    }
}

import Bus
import EventLoop
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(.commandDispatcher, Config.self) { config, runtime in
            let pool = runtime.database(config.databaseURL)
            let bus = runtime.bus(.commandDispatcher, redis: config.redisURL, callers: config.callerSignature)
            return Dispatcher(
                pool: pool, bus: bus, metrics: runtime.metrics, patience: config.patience,
                timeLimit: config.commandTimeLimit
            ).components
        }
    }
}

import Bus
import EventLoop
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(.gateway, Config.self) { config, runtime in
            let pool = runtime.database(config.databaseURL)
            let bus = runtime.bus(.gateway, redis: config.redisURL, callers: config.callerSignature)
            return Gateway(
                pool: pool, bus: bus, metrics: runtime.metrics, signature: config.callerSignature,
                tokens: config.tokens, eventSockets: config.eventSockets
            ).components(config)
        }
    }
}

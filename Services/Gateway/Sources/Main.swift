import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(ServiceName.gateway.rawValue, GatewayConfiguration.self) { configuration, runtime in
            let pool = PostgresPool(.init(url: configuration.databaseURL, applicationName: runtime.instance))
            let bus = Bus(service: .gateway, instance: runtime.instance, redis: configuration.redisURL)
            runtime.addReadinessCheck("bus") { bus.isReady ? .ready : .unready("Redis is away") }
            bus.observe(in: runtime.metrics)
            return Gateway(
                pool: pool, bus: bus, metrics: runtime.metrics, signature: configuration.callerSignature
            ).components(configuration)
        }
    }
}

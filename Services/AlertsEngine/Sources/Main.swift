import Bus
import EventLoop
import Models
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(.alertsEngine, Config.self) { config, runtime in
            let pool = runtime.database(config.databaseURL)
            let bus = runtime.bus(.alertsEngine, redis: config.redisURL, callers: config.callerSignature)
            let announcer = Announcer(pool: pool, metrics: runtime.metrics)
            announcer.onAnnounced = { bus.publish(OutboxGrew()) }
            let due = DueTimer { try await announcer.announceDue() }
            announcer.onScheduled = { due.wake(within: $0) }
            Handlers(store: DeviceStore(pool: pool)).mount(on: bus)
            return [
                pool.component,
                bus.component,
                announcer.consumer.component(on: bus, metrics: runtime.metrics),
                .periodic("forgotten devices", every: .seconds(600)) { try await announcer.findForgotten() },
                due.component,
                .periodic("backlog", every: .seconds(5)) { try await announcer.consumer.measureBacklog() },
                bus.withdrawal,
            ]
        }
    }
}

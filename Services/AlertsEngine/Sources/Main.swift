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
            let announcer = Announcer(pool: pool)
            let consumer = OutboxConsumer("alerts", pool: pool, onCommitted: { announcer.committed() }) {
                try await announcer.handle($0, $1)
            }
            announcer.onAnnounced = { bus.publish(OutboxGrew()) }
            bus.subscribe(OutboxGrew.self) { _ in consumer.wake() }
            bus.onReconnect { consumer.wake() }
            Handlers(store: DeviceStore(pool: pool)).mount(on: bus)
            runtime.addReadinessCheck("bus") { bus.isReady ? .ready : .unready("Redis is away") }
            return [
                Component("database") {
                } stop: { deadline in
                    await pool.close(within: deadline - .current)
                },
                Component("bus") {
                    try await bus.start()
                } stop: {
                    await bus.stop(deadline: $0)
                },
                Component("events") {
                    consumer.start()
                } stop: {
                    await consumer.stop(deadline: $0)
                },
                .periodic("unknown devices", every: .seconds(600)) { try await announcer.adoptUnknown() },
                .periodic("due devices", every: .seconds(1)) { try await announcer.announceDue() },
            ]
        }
    }
}

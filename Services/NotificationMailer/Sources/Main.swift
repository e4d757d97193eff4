import Bus
import Curl
import EventLoop
import Models
import Postgres
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(ServiceName.notificationMailer.rawValue, MailerConfiguration.self) {
            configuration, runtime in
            let pool = PostgresPool(.init(url: configuration.databaseURL, applicationName: runtime.instance))
            let bus = Bus(service: .notificationMailer, instance: runtime.instance, redis: configuration.redisURL)
            let store = JobStore(pool: pool)
            let courier = Courier(
                store: store, client: SMTPClient(server: configuration.server), sender: configuration.sender,
                unsubscribe: configuration.unsubscribe, metrics: runtime.metrics)
            let consumer = OutboxConsumer("mailer", pool: pool, onCommitted: { courier.wake() }) {
                try await AlertNotices.handle($0, $1)
            }
            bus.subscribe(OutboxGrew.self) { _ in consumer.wake() }
            bus.onReconnect { consumer.wake() }
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
                Component("mails") {
                } stop: {
                    await courier.stop(deadline: $0)
                },
                .periodic("due mails", every: .seconds(1)) { courier.wake() },
                .periodic("old mails", every: .seconds(3600)) { try await store.forgetOld() },
                Component("events") {
                    consumer.start()
                } stop: {
                    await consumer.stop(deadline: $0)
                },
            ]
        }
    }
}

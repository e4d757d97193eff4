import Bus
import Curl
import EventLoop
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(.notificationMailer, Config.self) { config, runtime in
            let pool = runtime.database(config.databaseURL)
            let bus = runtime.bus(.notificationMailer, redis: config.redisURL)
            let store = JobStore(pool: pool, instance: runtime.instance)
            let instances = InstanceStore(pool: pool, instance: runtime.instance, liveness: Liveness())
            let figures = MailFigures(runtime.metrics, pool: pool)
            let digests = DigestStore(pool: pool)
            let courier = Courier(
                store: store, liveness: instances.liveness, portal: config.portal,
                client: SMTPClient(server: config.server), sender: config.sender,
                unsubscribe: config.unsubscribe, metrics: runtime.metrics)
            let consumer = OutboxConsumer("mailer", pool: pool, onCommitted: { courier.wake() }) {
                try await JobIntake.handle($0, $1, at: .now())
            }
            return [
                pool.component,
                bus.component,
                Component(
                    "instance", start: { try await instances.beat() }, stop: { _ in try? await instances.leave() }),
                .periodic("liveness", every: .seconds(1)) { try await instances.beat() },
                Component("mails", stop: { await courier.stop(deadline: $0) }),
                .periodic("due mails", every: .seconds(1)) { courier.wake() },
                .periodic("digests", every: .seconds(60)) {
                    if try await digests.make(at: .now()) { courier.wake() }
                },
                .periodic("old mails", every: .seconds(3600)) { try await store.forgetOld() },
                consumer.component(on: bus, metrics: runtime.metrics),
                .periodic("figures", every: .seconds(5)) { try await figures.measure() },
                .periodic("backlog", every: .seconds(5)) { try await consumer.measureBacklog() },
                bus.withdrawal,
            ]
        }
    }
}

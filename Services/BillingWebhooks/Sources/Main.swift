import Bus
import EventLoop
import Postgres
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run("billing-webhooks", BillingConfiguration.self) { configuration, runtime in
            let pool = PostgresPool(
                PostgresConfiguration(url: configuration.database.revealed, applicationName: runtime.instance))
            let bus = Bus(service: .billingWebhooks, instance: runtime.instance, redis: configuration.redis)
            WebhookHandler(
                pool: pool, bus: bus, prices: configuration.prices, secrets: configuration.webhookSecrets,
                report: { outcome in
                    runtime.metrics.counter(
                        "stripe_events_total", "New Stripe events by what became of them.",
                        ["outcome": outcome.rawValue]
                    ).increment()
                }
            ).mount()
            runtime.addReadinessCheck("bus") { bus.isReady ? .ready : .unready("no connection to Redis") }
            runtime.addReadinessCheck("database") { pool.isReady ? .ready : .unready("no connection") }
            bus.observe(in: runtime.metrics)
            return [
                Component("database", stop: { deadline in await pool.close(within: deadline - Loop.now) }),
                bus.component,
                bus.withdrawal,
            ]
        }
    }
}

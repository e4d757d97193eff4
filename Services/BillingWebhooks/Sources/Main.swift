import Bus
import EventLoop
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(.billingWebhooks, Config.self) { config, runtime in
            let pool = runtime.database(config.databaseURL)
            let bus = runtime.bus(.billingWebhooks, redis: config.redisURL)
            WebhookHandler(
                pool: pool, bus: bus, prices: config.prices, secrets: config.webhookSecrets,
                report: { outcome in
                    runtime.metrics.counter(
                        "ebon_billing_events_total", "New Stripe events by what became of them.",
                        ["outcome": outcome.rawValue]
                    ).increment()
                }
            ).mount()
            return [
                pool.component,
                bus.component,
                bus.withdrawal,
            ]
        }
    }
}

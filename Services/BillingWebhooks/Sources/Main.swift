import Bus
import EventLoop
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run(.billingWebhooks, Config.self) { config, runtime in
            let pool = runtime.database(config.databaseURL)
            let bus = runtime.bus(.billingWebhooks, redis: config.redisURL, callers: config.callerSignature)
            let billing = BillingWebhooks(
                pool: pool, bus: bus, prices: config.prices, secrets: config.webhookSecrets,
                stripe: config.stripeKey.map { StripeClient(base: config.stripeBase, key: $0) },
                metrics: runtime.metrics)
            billing.mount()
            return [
                pool.component,
                bus.component,
                Component("refreshes") {
                    try await billing.ledger.adopt()
                } stop: {
                    await billing.refresher?.stop(deadline: $0)
                },
                .periodic("due refreshes", every: .seconds(1)) { billing.refresher?.wake() },
                .periodic("grace periods", every: .seconds(1)) { try await billing.ledger.endGracePeriods() },
                .periodic("figures", every: .seconds(5)) { try await billing.figures.measure() },
                bus.withdrawal,
            ]
        }
    }
}

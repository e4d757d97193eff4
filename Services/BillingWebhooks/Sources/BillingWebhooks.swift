import Bus
import EventLoop
import Postgres
import ServiceRuntime

/// The service but for its process: the same for `main` and for the tests.
@Loop struct BillingWebhooks {
    let ledger: SubscriptionLedger
    let refresher: Refresher?
    let figures: BillingFigures
    private let pool: PostgresPool
    private let bus: Bus
    private let prices: PriceCatalogue
    private let secrets: [[UInt8]]
    private let stripe: StripeClient?

    init(
        pool: PostgresPool, bus: Bus, prices: PriceCatalogue, secrets: [[UInt8]], stripe: StripeClient?,
        metrics: Metrics
    ) {
        self.pool = pool
        self.bus = bus
        self.prices = prices
        self.secrets = secrets
        self.stripe = stripe
        let figures = BillingFigures(metrics, pool: pool)
        let ledger = SubscriptionLedger(
            pool: pool, bus: bus, prices: prices, takesTests: stripe?.isReal != true,
            report: { figures.count($0, of: $1) })
        self.figures = figures
        self.ledger = ledger
        let refresher = stripe.map { Refresher(pool: pool, stripe: $0, ledger: ledger) }
        self.refresher = refresher
        figures.observe(refresher, in: metrics)
    }

    func mount() {
        let store = SubscriptionStore(pool: pool)
        WebhookHandler(ledger: ledger, bus: bus, secrets: secrets).mount()
        SubscriptionHandlers(store: store, ledger: ledger, stripe: stripe, refresher: refresher, bus: bus).mount()
        CheckoutHandlers(
            store: store, customers: stripe.map { Customers(pool: pool, stripe: $0) }, refresher: refresher,
            prices: prices, bus: bus
        ).mount()
    }
}

import Redis
import ServiceRuntime

struct BillingConfiguration: Configuration {
    let database: Secret
    let redis: RedisURL
    let webhookSecrets: [[UInt8]]
    let prices: PriceCatalogue

    init(from environment: inout EnvironmentReader) {
        database = environment.secret("DATABASE_URL")
        let nowhere = RedisURL(.unix(path: ""))
        redis = environment.required("REDIS_URL", placeholder: nowhere, as: "a redis:// or unix:// URL") {
            try? RedisURL(parsing: $0)
        }
        let secrets = environment.rotatingSecret("STRIPE_WEBHOOK_SECRET", minimumBytes: 16)
        webhookSecrets = [secrets.current, secrets.previous].compactMap { $0?.bytes }
        prices = PriceCatalogue(
            pro: environment.list("STRIPE_PRICE_PRO"), enterprise: environment.list("STRIPE_PRICE_ENTERPRISE"))
    }
}

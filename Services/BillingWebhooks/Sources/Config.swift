import Bus
import Redis
import ServiceRuntime

struct Config: Configuration {
    let databaseURL: Secret
    let redisURL: RedisURL
    let webhookSecrets: [[UInt8]]
    let prices: PriceCatalogue

    init(from environment: inout EnvironmentReader) {
        databaseURL = environment.secret("DATABASE_URL")
        redisURL = environment.redisURL("REDIS_URL")
        let secrets = environment.rotatingSecret("STRIPE_WEBHOOK_SECRET", minimumBytes: 16)
        webhookSecrets = [secrets.current, secrets.previous].compactMap { $0?.bytes }
        prices = PriceCatalogue(
            pro: environment.list("STRIPE_PRICE_PRO"), enterprise: environment.list("STRIPE_PRICE_ENTERPRISE"))
    }
}

import Bus
import Crypto
import JSON
import Redis
import ServiceRuntime

struct Config: Configuration {
    let databaseURL: Secret
    let redisURL: RedisURL
    let callerSignature: SignedCaller
    let webhookSecrets: [[UInt8]]
    let prices: PriceCatalogue
    /// Without it only the webhook works.
    let stripeKey: Secret?
    let stripeBase: String

    init(from environment: inout EnvironmentReader) {
        databaseURL = environment.secret("DATABASE_URL")
        redisURL = environment.redisURL("REDIS_URL")
        callerSignature = environment.callerSignature()
        let secrets = environment.rotatingSecret("STRIPE_WEBHOOK_SECRET", minimumBytes: 16)
        webhookSecrets = [secrets.current, secrets.previous].compactMap { $0?.bytes }
        prices = PriceCatalogue(
            pro: environment.list("STRIPE_PRICE_PRO"), enterprise: environment.list("STRIPE_PRICE_ENTERPRISE"))
        stripeKey = environment.optionalSecret("STRIPE_SECRET_KEY")
        stripeBase = environment.value(
            "STRIPE_API_BASE", default: "https://api.stripe.com", as: "an http or https URL without a path"
        ) { text in
            StringFormat.webAddress.accepts(text) && text.split(separator: "/").count == 2 ? text.withoutSlash : nil
        }
    }
}

extension String {
    fileprivate var withoutSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}

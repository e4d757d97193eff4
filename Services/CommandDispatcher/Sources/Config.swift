import Redis
import ServiceRuntime

struct Config: Configuration {
    let database: Secret
    let redis: RedisURL
    /// How long a live route waits for the register.
    let patience: Duration

    init(from environment: inout EnvironmentReader) {
        database = environment.secret("DATABASE_URL")
        redis = environment.required("REDIS_URL", placeholder: RedisURL(.unix(path: "/")), as: "a Redis URL") {
            try? RedisURL(parsing: $0)
        }
        patience = environment.duration("LIVE_ROUTE_TIMEOUT", default: .seconds(30))
    }
}

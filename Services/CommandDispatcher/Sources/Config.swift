import Redis
import ServiceRuntime

struct Config: Configuration {
    let database: Secret
    let redis: RedisURL
    /// How long a live route waits for the register.
    let patience: Duration
    /// How long a command may be executed after it was ordered, if not for as long as its definition says. For tests.
    let commandTimeLimit: Duration?

    init(from environment: inout EnvironmentReader) {
        database = environment.secret("DATABASE_URL")
        redis = environment.required("REDIS_URL", placeholder: RedisURL(.unix(path: "/")), as: "a Redis URL") {
            try? RedisURL(parsing: $0)
        }
        patience = environment.duration("LIVE_ROUTE_TIMEOUT", default: .seconds(30))
        commandTimeLimit = environment.optional("COMMAND_TIME_LIMIT_SECONDS", as: "a number of seconds from 1 to 3600")
        {
            Int($0).flatMap { (1...3600).contains($0) ? Duration.seconds($0) : nil }
        }
    }
}

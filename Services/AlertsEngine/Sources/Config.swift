import Bus
import Redis
import ServiceRuntime

struct AlertsConfiguration: Configuration {
    let databaseURL: String
    let redisURL: RedisURL

    init(from environment: inout EnvironmentReader) {
        databaseURL = environment.string("DATABASE_URL")
        redisURL = environment.redisURL("REDIS_URL")
    }
}

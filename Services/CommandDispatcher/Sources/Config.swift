import Bus
import Crypto
import Redis
import ServiceRuntime

struct Config: Configuration {
    let databaseURL: Secret
    let redisURL: RedisURL
    let callerSignature: SignedCaller
    /// How long a live route waits for the register.
    let patience: Duration
    /// How long a command may be executed after it was ordered, if not for as long as its definition says. For tests.
    let commandTimeLimit: Duration?

    init(from environment: inout EnvironmentReader) {
        databaseURL = environment.secret("DATABASE_URL")
        redisURL = environment.redisURL("REDIS_URL")
        callerSignature = environment.callerSignature()
        patience = environment.duration("LIVE_ROUTE_TIMEOUT", default: .seconds(30))
        commandTimeLimit = environment.optional("COMMAND_TIME_LIMIT_SECONDS", as: "a number of seconds from 1 to 3600")
        {
            Int($0).flatMap { (1...3600).contains($0) ? Duration.seconds($0) : nil }
        }
    }
}

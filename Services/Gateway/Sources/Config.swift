import Bus
import Crypto
import Models
import Redis
import ServiceRuntime

struct Config: Configuration {
    let databaseURL: Secret
    let redisURL: RedisURL
    /// Where the edges reach the sockets; inside the network of the services only.
    let socketHost: String
    let socketPort: Int
    /// The name under which the edges reach it, if it is not the address that it binds.
    let advertisedHost: String?
    let callerSignature: SignedCaller
    let tokens: JSONWebTokens
    let drain: Duration
    let eventSockets: EventSocketLimits

    init(from environment: inout EnvironmentReader) {
        databaseURL = environment.secret("DATABASE_URL")
        redisURL = environment.redisURL("REDIS_URL")
        socketHost = environment.string("SOCKET_HOST", default: "127.0.0.1")
        socketPort = environment.port("SOCKET_PORT", default: 0)
        advertisedHost = environment.optionalString("SOCKET_ADVERTISED_HOST")
        callerSignature = environment.callerSignature()
        tokens = .portal(keys: environment.signingKeys("EBON_JWT_SECRET"))
        drain = .seconds(environment.integer("SOCKET_DRAIN_SECONDS", default: 5, in: 0...25))
        eventSockets = EventSocketLimits(
            perOrganization: environment.integer("EVENT_SOCKETS_PER_ORGANIZATION", default: 2_000, in: 1...1_000_000),
            perProcess: environment.integer("EVENT_SOCKETS", default: 10_000, in: 0...1_000_000))
    }
}

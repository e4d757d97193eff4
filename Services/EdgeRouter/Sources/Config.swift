import Bus
import Crypto
import Models
import Redis
import ServiceRuntime

struct Config: Configuration {
    let host: String
    let port: UInt16
    let redisURL: RedisURL
    let tokens: JSONWebTokens
    let callerSignature: SignedCaller
    let limits: LimitSettings
    let trustedProxies: TrustedProxies
    /// How many WebSockets it hands through: each takes a socket of the client's and one of the gateway's.
    let maximumTunnels: Int

    init(from environment: inout EnvironmentReader) {
        host = environment.string("HOST", default: "0.0.0.0")
        port = UInt16(environment.port("PORT", default: 8080))
        redisURL = environment.redisURL("REDIS_URL")
        tokens = .portal(keys: environment.signingKeys("EBON_JWT_SECRET"))
        callerSignature = environment.callerSignature()
        limits = LimitSettings(from: &environment)
        trustedProxies = environment.value(
            "TRUSTED_PROXIES", default: TrustedProxies([]), as: "a comma-separated list of addresses or networks"
        ) { TrustedProxies(parsing: $0) }
        maximumTunnels = environment.integer(
            "MAXIMUM_TUNNELS", default: min(OpenFiles.forSockets / 2, 1_000_000), in: 0...1_000_000)
    }
}

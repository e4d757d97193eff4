import Bus
import Crypto
import Redis
import ServiceRuntime

struct Config: Configuration {
    let databaseURL: Secret
    let redisURL: RedisURL
    let callerSignature: SignedCaller
    let tokens: JSONWebTokens
    let links: MailedLinks
    let loginLimits: LoginLimits

    init(from environment: inout EnvironmentReader) {
        databaseURL = environment.secret("DATABASE_URL")
        redisURL = environment.redisURL("REDIS_URL")
        callerSignature = environment.callerSignature()
        tokens = .portal(keys: environment.signingKeys("EBON_JWT_SECRET"))
        links = MailedLinks(keys: environment.signingKeys("EBON_LINK_SECRET"))
        let standard = LoginLimits()
        loginLimits = LoginLimits(
            client: environment.rateLimit("RATE_LIMIT_LOGIN_CLIENT", default: standard.client),
            strangers: environment.rateLimit("RATE_LIMIT_LOGIN_STRANGERS", default: standard.strangers),
            slowly: environment.rateLimit("RATE_LIMIT_LOGIN_SLOWLY", default: standard.slowly))
    }
}

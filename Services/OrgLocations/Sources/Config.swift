import Crypto
import Redis
import ServiceRuntime

struct OrgLocationsConfiguration: Configuration {
    let database: Secret
    let redis: RedisURL
    let signing: SigningKeys

    init(from environment: inout EnvironmentReader) {
        database = environment.secret("DATABASE_URL")
        let nowhere = RedisURL(.unix(path: ""))
        redis = environment.required("REDIS_URL", placeholder: nowhere, as: "a redis:// or unix:// URL") {
            try? RedisURL(parsing: $0)
        }
        let secrets = environment.rotatingSecret("EBON_JWT_SECRET")
        signing = SigningKeys(current: secrets.current.bytes, previous: secrets.previous?.bytes)
    }
}

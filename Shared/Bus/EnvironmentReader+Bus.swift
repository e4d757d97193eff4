import Crypto
import Redis
import ServiceRuntime

extension EnvironmentReader {
    /// The address of Redis, which must be set: `redis://user:password@host:port/0` or `unix:///path`.
    package mutating func redisURL(_ name: String) -> RedisURL {
        required(name, placeholder: RedisURL(.unix(path: "")), as: "a redis:// or unix:// URL") {
            try? RedisURL(parsing: $0)
        }
    }

    /// What edges sign callers with, and services believe them by: `EBON_CALLER_SECRET`, which must be set.
    package mutating func callerSignature() -> SignedCaller {
        SignedCaller(keys: signingKeys("EBON_CALLER_SECRET"))
    }
}

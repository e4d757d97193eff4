import Endpoints
import Models
import ServiceRuntime

/// One bucket that a request is counted in: whose, and how many are let pass.
struct LimitRule: Sendable, Equatable {
    let key: String
    let limit: RateLimit

    /// The buckets of a route for a request. Signing in is counted by address; the rest by the credential, and by
    /// address where there is none worth the name.
    static func rules(
        for buckets: [Bucket], credential: Credential?, client: @autoclosure () -> String, settings: LimitSettings
    ) -> [LimitRule] {
        buckets.map { bucket in
            if bucket != .auth, let credential {
                let limit = settings.limit(bucket, for: credential.caller.plan)
                return LimitRule(key: "limit:\(bucket.rawValue):\(credential.subject)", limit: limit)
            }
            return LimitRule(key: "limit:\(bucket.rawValue):ip:\(client())", limit: settings.limit(bucket, for: nil))
        }
    }
}

/// What the limits say to a request: whether it may pass, and the figures of the bucket that is closest to its end.
struct LimitVerdict: Sendable, Equatable {
    /// The state of one bucket, this request counted if it was let pass.
    struct BucketState: Sendable, Equatable {
        let limit: Int
        let used: Int
        /// Milliseconds until a place becomes free; 0 for an empty bucket.
        let freeAfter: Int64

        var remaining: Int { max(0, limit - used) }
        /// Whole seconds, never 0: a client that waits as told finds a place.
        var resetSeconds: Int { max(1, Int((freeAfter + 999) / 1000)) }
    }

    let isAllowed: Bool
    let tightest: BucketState

    init?(isAllowed: Bool, states: [BucketState]) {
        let tightest = states.min { left, right in
            (left.remaining, -left.freeAfter) < (right.remaining, -right.freeAfter)
        }
        guard let tightest else { return nil }
        self.isAllowed = isAllowed
        self.tightest = tightest
    }
}

import Endpoints
import Models
import ServiceRuntime

/// The rate limits: one per bucket, and where it is counted by credential another one per plan.
struct LimitSettings: Sendable {
    private let anonymous: [Bucket: RateLimit]
    private let byPlan: [Plan: [Bucket: RateLimit]]

    init(
        global: RateLimit = RateLimit(count: 150, window: .seconds(600)),
        auth: RateLimit = RateLimit(count: 30, window: .seconds(600)),
        commands: RateLimit = RateLimit(count: 50, window: .seconds(600)),
        byPlan: [Plan: [Bucket: RateLimit]] = [:]
    ) {
        anonymous = [.global: global, .auth: auth, .commands: commands]
        self.byPlan = byPlan
    }

    init(from environment: inout EnvironmentReader) {
        let standard = LimitSettings()
        var limits: [Bucket: RateLimit] = [:]
        var byPlan: [Plan: [Bucket: RateLimit]] = [:]
        for bucket in Bucket.allCases {
            let name = "RATE_LIMIT_\(bucket.rawValue.uppercased())"
            let limit = environment.rateLimit(name, default: standard.limit(bucket, for: nil))
            limits[bucket] = limit
            // Signing in has no plan yet.
            for plan in Plan.allCases where bucket != .auth {
                let ofPlan = environment.rateLimit("\(name)_\(plan.rawValue.uppercased())", default: limit)
                byPlan[plan, default: [:]][bucket] = ofPlan
            }
        }
        anonymous = limits
        self.byPlan = byPlan
    }

    func limit(_ bucket: Bucket, for plan: Plan?) -> RateLimit {
        let ofPlan = plan.flatMap { byPlan[$0]?[bucket] }
        return ofPlan ?? anonymous[bucket] ?? RateLimit(count: 150, window: .seconds(600))
    }
}

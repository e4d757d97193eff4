import Endpoints
import JSON
import Models
import Postgres

/// How many devices an organization has and may have.
struct DeviceAllowance: Sendable {
    let plan: Plan
    let maximum: Int?
    let current: Int

    /// What each plan allows, for the statement that counts and registers at once; no member means no limit.
    static let limits = JSON.object(
        JSONObject(Plan.allCases.compactMap { plan in plan.deviceLimit.map { (plan.rawValue, .number($0)) } }))

    init(plan: Plan, maximum: Int?, current: Int) {
        self.plan = plan
        self.maximum = maximum
        self.current = current
    }

    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(plan: try row.raw("plan"), maximum: try row.optional("maximum"), current: try row.int("current"))
    }

    var isExhausted: Bool { maximum.map { current >= $0 } ?? false }

    var refusal: APIError? {
        guard isExhausted, let maximum else { return nil }
        return .deviceLimit(plan, maximum: maximum, current: current)
    }
}

/// An organization has another plan.
package struct PlanChanged: EventData, Equatable {
    /// `billing.plan_changed`.
    package static let type: EventType = "billing.plan_changed"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// The new plan.
    package let plan: Plan
    /// The plan before.
    package let previous: Plan

    /// All members.
    package init(plan: Plan, previous: Plan) {
        self.plan = plan
        self.previous = previous
    }

    /// An upgrade.
    package static var example: PlanChanged {
        PlanChanged(plan: .pro, previous: .free)
    }
}

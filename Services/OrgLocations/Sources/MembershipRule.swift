import Endpoints
import Models
import OrgLocationsRoutes

/// What may become of a member, decided on what is true while the organization is locked.
struct MembershipRule {
    /// The role of who asks, now; nil when they are a member no longer.
    let actor: Role?
    let member: Role
    let status: Member.Status
    /// How many owners the organization has; those who are only invited do not count.
    let owners: Int

    /// What stands against giving the member another role, or (nil) none at all.
    func refusal(ofBecoming role: Role?) -> APIError? {
        guard let actor, Role.administrators.contains(actor) else {
            return .roleDoesNotPermit
        }
        guard actor.mayGive(member), role.map(actor.mayGive) ?? true else {
            return .ownersOnly
        }
        if member == .owner, status == .active, role != .owner, owners == 1 {
            return .lastOwner
        }
        return nil
    }
}

extension Role {
    /// Whether a member of this role may make somebody `other`, or take that role away.
    func mayGive(_ other: Role) -> Bool {
        switch self {
        case .owner: true
        case .admin: other != .owner
        case .operator: false
        }
    }
}

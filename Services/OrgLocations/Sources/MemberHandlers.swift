import Bus
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

@Loop struct MemberHandlers {
    let store: MemberStore
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.listMembers) { try await store.members(of: $0.orgId) }
        bus.mount(OrgLocationsRoutes.updateMember) { call in
            let change = try await call.input(unless: {
                try await store.exists(call.memberId, of: call.orgId) ? nil : .noSuchMember
            })
            guard let member = try await store.update(call.memberId, to: change.role, call.orgId, Actor(call)) else {
                throw APIError.noSuchMember
            }
            bus.publish(CredentialsChanged(orgId: call.orgId))
            return member
        }
        bus.mount(OrgLocationsRoutes.removeMember) { call in
            guard try await store.remove(call.memberId, call.orgId, Actor(call)) != nil else {
                throw APIError.noSuchMember
            }
            bus.publish(CredentialsChanged(orgId: call.orgId))
            return NoOutput()
        }
    }
}

extension Call {
    fileprivate var memberId: UserID { UserID(path("memberId")) }
}

import Bus
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

@Loop struct OrganizationHandlers {
    let store: OrganizationStore
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.organization) { call in
            guard let organization = try await store.organization(call.orgId) else {
                throw APIError.noSuchOrganization
            }
            return organization
        }
        bus.mount(OrgLocationsRoutes.updateOrganization) { call in
            let change = try await call.input(unless: { try await store.refusalIfMissing(call.orgId) })
            guard let organization = try await store.update(call.orgId, change, as: Actor(call)) else {
                throw APIError.noSuchOrganization
            }
            return organization
        }
        bus.mount(OrgLocationsRoutes.notifications) { call in
            guard let settings = try await store.notifications(of: call.orgId) else {
                throw APIError.noSuchOrganization
            }
            return settings
        }
        bus.mount(OrgLocationsRoutes.replaceNotifications) { call in
            let settings = try await call.input(unless: { try await store.refusalIfMissing(call.orgId) })
                .withoutRepetition
            guard try await store.replaceNotifications(of: call.orgId, by: settings, as: Actor(call)) else {
                throw APIError.noSuchOrganization
            }
            return settings
        }
    }
}

extension OrganizationStore {
    fileprivate func refusalIfMissing(_ orgId: OrgID) async throws -> APIError? {
        try await exists(orgId) ? nil : .noSuchOrganization
    }
}

extension NotificationSettings {
    /// With each category of a subscriber once, where it first stood.
    fileprivate var withoutRepetition: NotificationSettings {
        NotificationSettings(
            subscribers: subscribers.map { subscriber in
                var named: Set<NotificationCategory> = []
                return NotificationSubscriber(
                    email: subscriber.email, categories: subscriber.categories.filter { named.insert($0).inserted })
            })
    }
}

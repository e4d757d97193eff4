import Bus
import Crypto
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
                throw APIError.notFound("Organization not found")
            }
            return organization
        }
        bus.mount(OrgLocationsRoutes.listLocations) { try await store.locations(of: $0.orgId) }
        bus.mount(OrgLocationsRoutes.createLocation) { call in
            let location = try call.input()
            let id = LocationID(Random.identifier(prefix: "loc"))
            return try await store.add(
                id, name: location.name, address: location.address, to: call.orgId, as: Actor(call))
        }
    }
}

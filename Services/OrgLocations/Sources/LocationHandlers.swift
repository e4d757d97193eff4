import Bus
import Crypto
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

@Loop struct LocationHandlers {
    let store: LocationStore
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.listLocations) { try await store.locations(of: $0.orgId) }
        bus.mount(OrgLocationsRoutes.createLocation) { call in
            let id = LocationID(Random.identifier(prefix: "loc"))
            guard let location = try await store.add(id, try call.input(), to: call.orgId, as: Actor(call)) else {
                throw APIError.locationLimit(LocationStore.limit)
            }
            return location
        }
        bus.mount(OrgLocationsRoutes.updateLocation) { call in
            let change = try await call.input(unless: {
                try await store.exists(call.locationId, of: call.orgId) ? nil : .noSuchLocation
            })
            guard let location = try await store.update(call.locationId, change, of: call.orgId, as: Actor(call)) else {
                throw APIError.noSuchLocation
            }
            return location
        }
        bus.mount(OrgLocationsRoutes.deleteLocation) { call in
            switch try await store.delete(call.locationId, of: call.orgId, as: Actor(call)) {
            case nil: throw APIError.noSuchLocation
            case 0: return NoOutput()
            case .some(let count): throw APIError.locationInUse(devices: count)
            }
        }
    }
}

extension Call {
    fileprivate var locationId: LocationID { LocationID(path("locationId")) }
}

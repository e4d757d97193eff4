import Endpoints

/// The endpoints that OrgLocations owns.
package enum OrgLocationsRoutes {
    package static let all: [Route] = [
        login.route, refresh.route, logout.route,
        organization.route, listLocations.route, createLocation.route,
        createDevice.route, listDevices.route, device.route, claimDevice.route, releaseDevice.route,
    ]
}

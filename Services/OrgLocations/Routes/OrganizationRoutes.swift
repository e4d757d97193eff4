import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let organization = Endpoint<NoInput, Organization>(
        "org.get", .orgLocations, .get, "/api/v1/org", summary: "The caller's organization", access: .user,
        success: .ok(Organization.schema), errors: [.notFound])

    package static let listLocations = Endpoint<NoInput, [Location]>(
        "locations.list", .orgLocations, .get, "/api/v1/org/locations", summary: "Every location, newest first",
        access: .user, success: .ok(.array(of: Location.schema)))

    package static let createLocation = Endpoint<NewLocation, Location>(
        "locations.create", .orgLocations, .post, "/api/v1/org/locations", summary: "Adds a location",
        access: .administrator, body: NewLocation.schema, success: .created(Location.schema))
}

package struct NewLocation: Decodable, Sendable {
    package let name: String
    package let address: String

    static let schema = Schema.object([
        .required("name", .string(1...255)), .required("address", .string(1...500)),
    ]).named("NewLocation")
}

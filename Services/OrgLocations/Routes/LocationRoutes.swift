import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let listLocations = Endpoint<NoInput, [Location]>(
        "locations.list", .orgLocations, .get, "/api/v1/org/locations", summary: "Every location, newest first",
        access: .user, success: .ok(.array(of: Location.schema)))

    package static let createLocation = Endpoint<NewLocation, Location>(
        "locations.create", .orgLocations, .post, "/api/v1/org/locations", summary: "Adds a location",
        notes: "An organization may have at most 1000.", access: .administrator, body: NewLocation.schema,
        success: .created(Location.schema),
        errors: [.locationLimit(1000)])

    package static let updateLocation = Endpoint<LocationChange, Location>(
        "locations.update", .orgLocations, .patch, "/api/v1/org/locations/{locationId}",
        summary: "Changes a location's name or address", access: .administrator, body: LocationChange.schema,
        success: .ok(Location.schema), errors: [.noSuchLocation])

    package static let deleteLocation = Endpoint<NoInput, NoOutput>(
        "locations.delete", .orgLocations, .delete, "/api/v1/org/locations/{locationId}",
        summary: "Deletes a location to which no device is assigned", access: .administrator, success: .noContent,
        errors: [.noSuchLocation, .locationInUse(devices: 3)])
}

package struct NewLocation: Codable, Sendable {
    package let name: String
    package let address: String

    static let schema = Schema.object([
        .required("name", .string(1...255)), .required("address", .string(1...500)),
    ]).named("NewLocation").illustrated(by: ["name": "Depozit Pipera", "address": "Bd. Pipera 21, Voluntari"])
}

/// What of a location may be changed; at least one member is there.
package struct LocationChange: Codable, Sendable {
    package let name: String?
    package let address: String?

    static let schema = Schema.object(
        [.optional("name", .string(1...255)), .optional("address", .string(1...500))],
        rules: [.atLeastOne(of: ["name", "address"])]
    ).named("LocationChange").illustrated(by: ["name": "Depozit Pipera (etaj 2)"])
}

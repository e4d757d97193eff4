import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let createDevice = Endpoint<NewDevice, Device>(
        "devices.create", .orgLocations, .post, "/api/v1/devices", summary: "Registers a device",
        access: .scope(.devicesWrite), body: NewDevice.schema,
        success: .created(Device.schema).showing(Device.withoutController.merging(["status": "offline"])),
        errors: [.deviceLimit(.free, maximum: 2, current: 2)])

    package static let listDevices = Endpoint<DeviceFilter, [Device]>(
        "devices.list", .orgLocations, .get, "/api/v1/devices", summary: "Every device, newest first",
        access: .scope(.devicesRead),
        query: [.optional("status", .oneOf(DeviceStatus.self)), .optional("locationId", LocationID.schema)],
        success: .ok(.array(of: Device.schema)))

    package static let device = Endpoint<NoInput, Device>(
        "devices.get", .orgLocations, .get, "/api/v1/devices/{deviceId}", summary: "One device",
        access: .scope(.devicesRead), success: .ok(Device.schema), errors: [.noSuchDevice])

    package static let updateDevice = Endpoint<DeviceChanges, Device>(
        "devices.update", .orgLocations, .patch, "/api/v1/devices/{deviceId}",
        summary: "Renames a device, moves it, or changes how the app reaches it",
        notes:
            "What is the same already changes nothing, not even updatedAt. Protocol and transport stay what they are.",
        access: .scope(.devicesWrite), body: DeviceChanges.schema, success: .ok(Device.schema), errors: [.noSuchDevice])

    package static let deleteDevice = Endpoint<NoInput, NoOutput>(
        "devices.delete", .orgLocations, .delete, "/api/v1/devices/{deviceId}", summary: "Removes a device for good",
        notes: """
            Its pending commands are cancelled, and its socket is closed within 5 seconds: at once, unless it is printing, \
            which it may still report. Its commands and receipts stay readable.
            """,
        access: .scope(.devicesWrite), success: .noContent, errors: [.noSuchDevice])

    package static let claimDevice = Endpoint<Claim, Device>(
        "devices.claim", .orgLocations, .post, "/api/v1/devices/{deviceId}/claim",
        summary: "Makes an app instance the device's controller", access: .scope(.devicesWrite), body: Claim.schema,
        success: .ok(Device.schema), errors: [.noSuchDevice, .heldByAnother])

    package static let releaseDevice = Endpoint<Release, Device>(
        "devices.release", .orgLocations, .post, "/api/v1/devices/{deviceId}/release",
        summary: "Gives the control of a device up", access: .scope(.devicesWrite), body: Release.schema,
        success: .ok(Device.schema).showing(Device.withoutController), errors: [.noSuchDevice, .notTheController])
}

extension Device {
    fileprivate static let withoutController: JSONObject = ["controllerId": nil, "controllerName": nil]
}

package struct NewDevice: Decodable, Sendable {
    package let name: String
    package let `protocol`: DeviceProtocol
    package let transport: DeviceTransport
    package let locationId: LocationID
    package let connectionParams: ConnectionParams

    static let schema = Schema.object(
        [
            .required("name", .string(1...255)), .required("protocol", .oneOf(DeviceProtocol.self)),
            .required("transport", .oneOf(DeviceTransport.self)), .required("locationId", .string(1...128)),
            .required("connectionParams", ConnectionParams.schema),
        ], rules: [ConnectionParams.suitTransport]
    ).named("NewDevice").illustrated(by: [
        "name": "Tejghea POS 1", "protocol": "datecs_compact", "transport": "tcp", "locationId": "loc_main",
        "connectionParams": ["host": "192.168.1.50", "port": 9100],
    ])
}

package struct DeviceChanges: Decodable, Sendable {
    package let name: String?
    package let connectionParams: ConnectionParams?
    package let locationId: LocationID?

    static let schema = Schema.object(
        [
            .optional("name", .string(1...255)), .optional("connectionParams", ConnectionParams.schema),
            .optional("locationId", LocationID.schema),
        ], rules: [.atLeastOne(of: ["name", "connectionParams", "locationId"])]
    ).named("DeviceChanges").illustrated(by: ["name": "Tejghea POS 1 (renumită)"])
}

package struct DeviceFilter: Decodable, Sendable {
    package let status: DeviceStatus?
    package let locationId: LocationID?
}

package struct Claim: Decodable, Sendable {
    package let controllerId: String
    package let controllerName: String

    static let schema = Schema.object([
        .required("controllerId", .string(1...255)), .required("controllerName", .string(1...255)),
    ]).named("Claim").illustrated(by: ["controllerId": "instance_a", "controllerName": "Counter A"])
}

package struct Release: Decodable, Sendable {
    package let controllerId: String

    static let schema = Schema.object([.required("controllerId", .string(1...255))]).named("Release")
        .illustrated(by: ["controllerId": "instance_a"])
}

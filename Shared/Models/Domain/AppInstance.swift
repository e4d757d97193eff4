import JSON

/// A phone or tablet whose app is connected at this moment, and the device that it speaks for.
package struct AppInstance: Codable, Sendable, Equatable {
    /// The device.
    package let deviceId: DeviceID
    /// The device's name.
    package let deviceName: String
    /// What the app said of itself in the handshake; empty if nothing.
    package let appVersion: String
    /// The phone's model, as said in the handshake.
    package let deviceModel: String
    /// The phone's system, as said in the handshake.
    package let osVersion: String
    /// When the socket was opened.
    package let connectedAt: Timestamp
    /// Reserved: always empty.
    package let connectedDevices: [JSON]

    /// All members.
    package init(
        deviceId: DeviceID, deviceName: String, appVersion: String, deviceModel: String, osVersion: String,
        connectedAt: Timestamp
    ) {
        self.deviceId = deviceId
        self.deviceName = deviceName
        self.appVersion = appVersion
        self.deviceModel = deviceModel
        self.osVersion = osVersion
        self.connectedAt = connectedAt
        connectedDevices = []
    }

    /// Its form on the wire.
    package static let schema = Schema.object([
        .required("deviceId", .string), .required("deviceName", .string), .required("appVersion", .string),
        .required("deviceModel", .string), .required("osVersion", .string), .required("connectedAt", Timestamp.schema),
        .required("connectedDevices", .array(of: .any)),
    ]).named("AppInstance").illustrated(by: [
        "deviceId": "dev_pos_01", "deviceName": "Tejghea POS 1", "appVersion": "2.4.1",
        "deviceModel": "Samsung Galaxy Tab A8", "osVersion": "Android 14",
        "connectedAt": "2026-04-09T08:00:00.000Z", "connectedDevices": [],
    ])
}

/// The apps that are connected.
package struct AppInstances: Codable, Sendable, Equatable {
    /// One a device, by device id.
    package let instances: [AppInstance]

    /// All members.
    package init(instances: [AppInstance]) { self.instances = instances }

    /// Its form on the wire.
    package static let schema = Schema.object([.required("instances", .array(of: AppInstance.schema))])
        .named("AppInstances")
}

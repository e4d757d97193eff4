/// The app of a device opened its socket.
package struct AppConnected: EventData, Equatable {
    /// `app.connected`.
    package static let type: EventType = "app.connected"
    /// Seen by who may read devices.
    package static let scope: Scope? = .devicesRead

    /// The device.
    package let deviceId: DeviceID
    /// The app's version.
    package let appVersion: String
    /// The phone's model.
    package let deviceModel: String
    /// The phone's system.
    package let osVersion: String

    /// All members.
    package init(deviceId: DeviceID, appVersion: String, deviceModel: String, osVersion: String) {
        self.deviceId = deviceId
        self.appVersion = appVersion
        self.deviceModel = deviceModel
        self.osVersion = osVersion
    }

    /// A tablet.
    package static var example: AppConnected {
        AppConnected(
            deviceId: "dev_pos_01", appVersion: "2.4.1", deviceModel: "Samsung Galaxy Tab A8", osVersion: "Android 14")
    }
}

/// The socket of a device closed.
package struct AppDisconnected: EventData, Equatable {
    /// `app.disconnected`.
    package static let type: EventType = "app.disconnected"
    /// Seen by who may read devices.
    package static let scope: Scope? = .devicesRead

    /// The device.
    package let deviceId: DeviceID
    /// The close code of RFC 6455; nil when there was none.
    package let code: Int?
    /// The reason, if one was given.
    package let reason: String?

    /// All members.
    package init(deviceId: DeviceID, code: Int?, reason: String?) {
        self.deviceId = deviceId
        self.code = code
        self.reason = reason
    }

    /// A lost connection.
    package static var example: AppDisconnected {
        AppDisconnected(deviceId: "dev_pos_01", code: 1006, reason: "network unreachable")
    }
}

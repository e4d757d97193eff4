/// An alert of a device was raised or cleared.
package struct DeviceAlertChanged: EventData, Equatable {
    /// `device.alert`.
    package static let type: EventType = "device.alert"
    /// Seen by who may read devices.
    package static let scope: Scope? = .devicesRead

    /// What became of the alert.
    package enum State: String, Codable, Sendable {
        /// Its condition became true.
        case raised
        /// Its condition is true no more.
        case cleared
    }

    /// The device.
    package let deviceId: DeviceID
    /// The whole alert.
    package let alert: Alert
    /// What became of it.
    package let state: State

    /// All members.
    package init(deviceId: DeviceID, alert: Alert, state: State) {
        self.deviceId = deviceId
        self.alert = alert
        self.state = state
    }

    /// An open cover.
    package static var example: DeviceAlertChanged {
        DeviceAlertChanged(
            deviceId: "dev_pos_01",
            alert: Alert(
                type: "cover_open", severity: .error, message: "Cover is open", deviceId: "dev_pos_01",
                deviceName: "Tejghea POS 1", detectedAt: "2026-04-25T08:42:11.503Z"),
            state: .raised)
    }
}

/// A device came, went, or changed what it is doing.
package struct DeviceStatusChanged: EventData, Equatable {
    /// `device.status`.
    package static let type: EventType = "device.status"
    /// Seen by who may read devices.
    package static let scope: Scope? = .devicesRead

    /// The device.
    package let deviceId: DeviceID
    /// The new status.
    package let status: DeviceStatus
    /// When it took it.
    package let timestamp: Timestamp

    /// All members.
    package init(deviceId: DeviceID, status: DeviceStatus, timestamp: Timestamp) {
        self.deviceId = deviceId
        self.status = status
        self.timestamp = timestamp
    }

    /// A device that came online.
    package static var example: DeviceStatusChanged {
        DeviceStatusChanged(deviceId: "dev_pos_01", status: .online, timestamp: "2026-04-09T08:10:00.000Z")
    }
}

/// An app instance took control of a device.
package struct DeviceClaimed: EventData, Equatable {
    /// `device.claimed`.
    package static let type: EventType = "device.claimed"
    /// Seen by who may read devices.
    package static let scope: Scope? = .devicesRead

    /// The device.
    package let deviceId: DeviceID
    /// The instance.
    package let controllerId: String
    /// What people call it.
    package let controllerName: String

    /// All members.
    package init(deviceId: DeviceID, controllerId: String, controllerName: String) {
        self.deviceId = deviceId
        self.controllerId = controllerId
        self.controllerName = controllerName
    }

    /// A counter's tablet.
    package static var example: DeviceClaimed {
        DeviceClaimed(deviceId: "dev_pos_01", controllerId: "instance_a", controllerName: "Counter A")
    }
}

/// An app instance gave up control of a device.
package struct DeviceReleased: EventData, Equatable {
    /// `device.released`.
    package static let type: EventType = "device.released"
    /// Seen by who may read devices.
    package static let scope: Scope? = .devicesRead

    /// The device.
    package let deviceId: DeviceID
    /// The instance that held it.
    package let controllerId: String

    /// All members.
    package init(deviceId: DeviceID, controllerId: String) {
        self.deviceId = deviceId
        self.controllerId = controllerId
    }

    /// A counter's tablet.
    package static var example: DeviceReleased {
        DeviceReleased(deviceId: "dev_pos_01", controllerId: "instance_a")
    }
}

/// A device was added to its organization.
package struct DeviceRegistered: EventData, Equatable {
    /// `device.registered`.
    package static let type: EventType = "device.registered"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// The device.
    package let deviceId: DeviceID
    /// When.
    package let createdAt: Timestamp

    /// All members.
    package init(deviceId: DeviceID, createdAt: Timestamp) {
        self.deviceId = deviceId
        self.createdAt = createdAt
    }

    /// A new device.
    package static var example: DeviceRegistered {
        DeviceRegistered(deviceId: "dev_pos_01", createdAt: "2026-04-09T08:10:00.000Z")
    }
}

/// A device was removed from its organization: pending commands are cancelled, its socket is closed.
package struct DeviceDeleted: EventData, Equatable {
    /// `device.deleted`.
    package static let type: EventType = "device.deleted"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// The device.
    package let deviceId: DeviceID

    /// All members.
    package init(deviceId: DeviceID) {
        self.deviceId = deviceId
    }

    /// A removed device.
    package static var example: DeviceDeleted {
        DeviceDeleted(deviceId: "dev_pos_01")
    }
}

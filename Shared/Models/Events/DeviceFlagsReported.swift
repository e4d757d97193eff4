/// A device reported other flags than before: its alerts are to be derived again.
package struct DeviceFlagsReported: EventData, Equatable {
    /// `device.flags`.
    package static let type: EventType = "device.flags"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// The device.
    package let deviceId: DeviceID
    /// The paper has run out.
    package let paperEnd: Bool
    /// The paper runs out.
    package let paperNearEnd: Bool
    /// The cover is open.
    package let coverOpen: Bool
    /// The fiscal memory fills up.
    package let fiscalMemoryAlmostFull: Bool
    /// What keeps the device from working; nil when nothing does.
    package let fault: String?
    /// When the frame came.
    package let timestamp: Timestamp

    /// All members.
    package init(
        deviceId: DeviceID, paperEnd: Bool, paperNearEnd: Bool, coverOpen: Bool, fiscalMemoryAlmostFull: Bool,
        fault: String?, timestamp: Timestamp
    ) {
        self.deviceId = deviceId
        self.paperEnd = paperEnd
        self.paperNearEnd = paperNearEnd
        self.coverOpen = coverOpen
        self.fiscalMemoryAlmostFull = fiscalMemoryAlmostFull
        self.fault = fault
        self.timestamp = timestamp
    }

    /// A device whose paper runs out.
    package static var example: DeviceFlagsReported {
        DeviceFlagsReported(
            deviceId: "dev_pos_01", paperEnd: false, paperNearEnd: true, coverOpen: false,
            fiscalMemoryAlmostFull: false, fault: nil, timestamp: "2026-04-09T08:10:00.000Z")
    }
}

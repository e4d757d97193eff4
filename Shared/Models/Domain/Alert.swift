import JSON

/// The kind of an alert, such as `paper_low`; open, because kinds can grow.
package struct AlertType: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral {
    /// The name as it stands on the wire.
    package let rawValue: String

    /// The kind of that name.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// The kind of that name.
    package init(stringLiteral value: String) { rawValue = value }
}

/// How urgent an alert is; in the order in which alerts are listed.
package enum AlertSeverity: String, Codable, Sendable, CaseIterable {
    /// The device cannot do its work.
    case error
    /// It soon will not.
    case warning
    /// Good to know.
    case info
}

/// A condition of a device that needs attention, derived from its state.
package struct Alert: Codable, Sendable, Hashable {
    /// The kind.
    package let type: AlertType
    /// How urgent it is.
    package let severity: AlertSeverity
    /// The condition in a few words.
    package let message: String
    /// The device.
    package let deviceId: DeviceID
    /// The device's name.
    package let deviceName: String
    /// When the condition became true.
    package let detectedAt: Timestamp

    /// All members.
    package init(
        type: AlertType, severity: AlertSeverity, message: String, deviceId: DeviceID, deviceName: String,
        detectedAt: Timestamp
    ) {
        self.type = type
        self.severity = severity
        self.message = message
        self.deviceId = deviceId
        self.deviceName = deviceName
        self.detectedAt = detectedAt
    }

    /// What an alert looks like in JSON.
    package static let schema = Schema.object([
        .required("type", .string), .required("severity", .oneOf(AlertSeverity.self)), .required("message", .string),
        .required("deviceId", DeviceID.schema), .required("deviceName", .string),
        .required("detectedAt", Timestamp.schema),
    ]).named("Alert").illustrated(by: [
        "type": "paper_low", "severity": "warning", "message": "Paper is running low", "deviceId": "dev_pos_01",
        "deviceName": "Tejghea POS 1", "detectedAt": "2026-04-09T08:00:00.000Z",
    ])
}

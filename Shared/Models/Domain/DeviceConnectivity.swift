import JSON

/// Whether a device is connected, and what is persisted of it.
package struct DeviceConnectivity: Codable, Sendable, Equatable {
    /// Whether its socket is up.
    package let wsConnected: Bool
    /// The persisted status; the name is kept for compatibility.
    package let firestoreStatus: DeviceStatus
    /// When the last frame came in; nil for a device that was never connected.
    package let lastSeen: Timestamp?

    /// All members.
    package init(wsConnected: Bool, firestoreStatus: DeviceStatus, lastSeen: Timestamp?) {
        self.wsConnected = wsConnected
        self.firestoreStatus = firestoreStatus
        self.lastSeen = lastSeen
    }

    private enum CodingKeys: String, CodingKey { case wsConnected, firestoreStatus, lastSeen }

    /// Writes `lastSeen` even if it is null, as the reference shows it.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(wsConnected, forKey: .wsConnected)
        try container.encode(firestoreStatus, forKey: .firestoreStatus)
        try container.encode(lastSeen, forKey: .lastSeen)
    }

    /// Its form on the wire.
    package static let schema = Schema.object([
        .required("wsConnected", .boolean), .required("firestoreStatus", .oneOf(DeviceStatus.self)),
        .required("lastSeen", Timestamp.schema.orNull),
    ]).named("DeviceConnectivity").illustrated(by: [
        "wsConnected": true, "firestoreStatus": "online", "lastSeen": "2026-04-09T08:09:55.000Z",
    ])
}

/// The connectivity of every device of an organization.
package struct DeviceStatuses: Codable, Sendable, Equatable {
    /// By device id.
    package let statuses: [String: DeviceConnectivity]

    /// All members.
    package init(statuses: [String: DeviceConnectivity]) { self.statuses = statuses }

    /// Its form on the wire.
    package static let schema = Schema.object([.required("statuses", .map(of: DeviceConnectivity.schema))])
        .named("DeviceStatuses").illustrated(by: [
            "statuses": [
                "dev_pos_01": [
                    "wsConnected": true, "firestoreStatus": "online", "lastSeen": "2026-04-09T08:09:55.000Z",
                ],
                "dev_pos_02": ["wsConnected": false, "firestoreStatus": "offline", "lastSeen": nil],
            ]
        ])
}

/// The connectivity of one device.
package struct DeviceStatusReport: Codable, Sendable, Equatable {
    /// The device.
    package let deviceId: DeviceID
    /// Whether its socket is up.
    package let wsConnected: Bool
    /// The persisted status; the name is kept for compatibility.
    package let firestoreStatus: DeviceStatus
    /// When the last frame came in; nil for a device that was never connected.
    package let lastSeen: Timestamp?

    /// What is known of a device.
    package init(deviceId: DeviceID, _ connectivity: DeviceConnectivity) {
        self.deviceId = deviceId
        wsConnected = connectivity.wsConnected
        firestoreStatus = connectivity.firestoreStatus
        lastSeen = connectivity.lastSeen
    }

    /// Writes `lastSeen` even if it is null, as the reference shows it.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(deviceId, forKey: .deviceId)
        try container.encode(wsConnected, forKey: .wsConnected)
        try container.encode(firestoreStatus, forKey: .firestoreStatus)
        try container.encode(lastSeen, forKey: .lastSeen)
    }

    /// Its form on the wire.
    package static let schema = Schema.object(
        [.required("deviceId", DeviceID.schema)] + (DeviceConnectivity.schema.fields ?? [])
    ).named("DeviceStatusReport").illustrated(
        by: .object(
            JSONObject([("deviceId", "dev_pos_01")])
                .merging(DeviceConnectivity.schema.example?.object ?? [:])))
}

import JSON

/// One moment at which a device's socket was opened or closed.
package struct ConnectionHistoryEntry: Codable, Sendable, Equatable {
    /// What happened.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// The socket was opened.
        case connected
        /// The socket was closed or lost.
        case disconnected
    }

    /// What happened.
    package let type: Kind
    /// When.
    package let timestamp: Timestamp
    /// The phone's model, as said in the handshake; empty if nothing.
    package let deviceModel: String
    /// The app's version, as said in the handshake.
    package let appVersion: String
    /// The phone's system, as said in the handshake.
    package let osVersion: String
    /// The WebSocket close code (RFC 6455, 7.4); nil for a socket that was opened.
    package let code: Int?
    /// The close reason; nil for a socket that was opened.
    package let reason: String?

    /// All members.
    package init(
        type: Kind, timestamp: Timestamp, deviceModel: String, appVersion: String, osVersion: String, code: Int?,
        reason: String?
    ) {
        self.type = type
        self.timestamp = timestamp
        self.deviceModel = deviceModel
        self.appVersion = appVersion
        self.osVersion = osVersion
        self.code = code
        self.reason = reason
    }

    /// Writes `code` and `reason` even if they are null, as the reference shows them.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(type, forKey: .type)
        try container.encode(timestamp, forKey: .timestamp)
        try container.encode(deviceModel, forKey: .deviceModel)
        try container.encode(appVersion, forKey: .appVersion)
        try container.encode(osVersion, forKey: .osVersion)
        try container.encode(code, forKey: .code)
        try container.encode(reason, forKey: .reason)
    }

    /// Its form on the wire.
    package static let schema = Schema.object([
        .required("type", .oneOf(Kind.self)), .required("timestamp", Timestamp.schema),
        .required("deviceModel", .string),
        .required("appVersion", .string), .required("osVersion", .string), .required("code", Schema.integer().orNull),
        .required("reason", Schema.string.orNull),
    ]).named("ConnectionHistoryEntry").illustrated(by: [
        "type": "disconnected", "timestamp": "2026-04-08T22:15:00.000Z", "deviceModel": "Datecs DP-25",
        "appVersion": "2.4.1", "osVersion": "Android 14", "code": 1006, "reason": "network unreachable",
    ])
}

/// When a device came and went, as far as it is remembered.
package struct ConnectionHistory: Codable, Sendable, Equatable {
    /// How much is remembered of a device.
    package static let length = 20

    /// Newest first, at most ``length``.
    package let events: [ConnectionHistoryEntry]

    /// All members.
    package init(events: [ConnectionHistoryEntry]) { self.events = events }

    /// Its form on the wire.
    package static let schema = Schema.object([
        .required("events", .array(of: ConnectionHistoryEntry.schema, max: length))
    ]).named("ConnectionHistory")
}

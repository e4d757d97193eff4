import Models

/// All that the rules look at: what is known of a device at one moment.
struct DeviceFacts: Equatable, Sendable {
    let deviceId: DeviceID
    let orgId: OrgID
    let name: String
    let createdAt: Timestamp
    var isConnected = false
    var lastSeen: Timestamp?
    var paperSince: Timestamp?
    var coverOpenSince: Timestamp?
    var fiscalMemoryAlmostFullSince: Timestamp?
    var lastZReport: Timestamp?
}

import Models

/// What the app said of itself in the handshake.
struct AppDescription: Equatable, Sendable {
    var appVersion = ""
    var deviceModel = ""
    var osVersion = ""
}

/// All that is persisted of a device's newest socket.
struct DeviceSnapshot: Equatable, Sendable {
    let deviceId: DeviceID
    let orgId: OrgID
    let epoch: Int64
    let session: String
    let instance: String
    let app: AppDescription
    var connectedAt: Timestamp
    var connected = true
    var busy = false
    var lastSeen: Timestamp
    var flags: DeviceFlags

    var status: DeviceStatus {
        if !connected { return .offline }
        if flags.fault != nil { return .error }
        return busy ? .busy : .online
    }
}

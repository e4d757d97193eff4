import Models

extension AlertRule {
    static let disconnected = AlertRule(
        type: "disconnected", severity: .error, message: "Device disconnected for over 1 hour",
        onset: { device in
            device.isConnected ? nil : .due((device.lastSeen ?? device.createdAt) + .seconds(3600))
        })
}

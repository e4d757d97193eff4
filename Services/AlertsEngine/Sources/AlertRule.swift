import Models

/// One alert: what it is called, how bad it is, and since when its condition holds.
struct AlertRule: Sendable {
    let type: AlertType
    let severity: AlertSeverity
    let message: String
    /// The moment at which the condition became true or, left alone, will: nil if only a change of the device's state
    /// can bring it about.
    let detectedAt: @Sendable (DeviceFacts) -> Timestamp?
}

/// The alerts that there are. A new one is a file in `Rules` and a line here.
enum AlertCatalogue {
    static let rules: [AlertRule] = [.paperLow, .coverOpen, .fiscalMemoryAlmostFull, .zReportOverdue, .disconnected]
}

/// The alerts that hold for a device at `now`: errors first, then warnings, then the rest, by type within.
func alerts(of device: DeviceFacts, at now: Timestamp, rules: [AlertRule] = AlertCatalogue.rules) -> [Alert] {
    rules.compactMap { rule -> Alert? in
        guard let detectedAt = rule.detectedAt(device), detectedAt <= now else { return nil }
        return Alert(
            type: rule.type, severity: rule.severity, message: rule.message, deviceId: device.deviceId,
            deviceName: device.name, detectedAt: detectedAt)
    }
    .sorted { ($0.severity.rank, $0.type.rawValue) < ($1.severity.rank, $1.type.rawValue) }
}

/// The next moment after `now` at which time alone changes what holds for a device.
func nextDueTime(of device: DeviceFacts, after now: Timestamp, rules: [AlertRule] = AlertCatalogue.rules) -> Timestamp?
{
    rules.compactMap { $0.detectedAt(device) }.filter { $0 > now }.min()
}

extension AlertSeverity {
    fileprivate var rank: Int { AlertSeverity.allCases.firstIndex(of: self) ?? 0 }
}

import Models

/// One alert: what it is called, how bad it is, and since when its condition holds.
struct AlertRule: Sendable {
    let type: AlertType
    let severity: AlertSeverity
    let message: String
    /// Nil as long as only a change of the device's state can bring the condition about.
    let onset: @Sendable (DeviceFacts) -> Onset?
}

/// The alerts that there are. A new one is a file in `Rules` and a line here.
enum AlertCatalogue {
    static let rules: [AlertRule] = [.paperLow, .coverOpen, .fiscalMemoryAlmostFull, .zReportOverdue, .disconnected]
}

/// The alerts that hold for a device at `now`: errors first, then warnings, then the rest, by type within.
///
/// What was `announced` for a moment goes on after it, though a clock that was set back has that moment come again.
func alerts(
    of device: DeviceFacts, at now: Timestamp, announced: [Alert] = [], rules: [AlertRule] = AlertCatalogue.rules
) -> [Alert] {
    rules.compactMap { rule -> Alert? in
        guard let onset = rule.onset(device) else { return nil }
        if case .due(let moment) = onset, moment > now,
            !announced.contains(where: { $0.type == rule.type && $0.detectedAt == moment })
        {
            return nil
        }
        return Alert(
            type: rule.type, severity: rule.severity, message: rule.message, deviceId: device.deviceId,
            deviceName: device.name, detectedAt: onset.moment)
    }
    .sorted { ($0.severity.rank, $0.type.rawValue) < ($1.severity.rank, $1.type.rawValue) }
}

/// The next moment after `now` at which time alone changes what holds for a device.
func nextDueTime(of device: DeviceFacts, after now: Timestamp, rules: [AlertRule] = AlertCatalogue.rules) -> Timestamp?
{
    rules.compactMap { rule in
        guard case .due(let moment)? = rule.onset(device), moment > now else { return nil }
        return moment
    }.min()
}

extension AlertSeverity {
    fileprivate var rank: Int { AlertSeverity.allCases.firstIndex(of: self) ?? 0 }
}

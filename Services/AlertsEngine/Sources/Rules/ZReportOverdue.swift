import Models

extension AlertRule {
    static let zReportOverdue = AlertRule(
        type: "z_report_overdue", severity: .warning, message: "Z report not submitted in over 24 hours",
        onset: { device in device.lastZReport.map { .due($0 + .seconds(24 * 3600)) } ?? .since(device.createdAt) })
}

import Bus
import JSON
import Models

enum ReportNotices {
    /// A command may end and its outcome become known in two events, in either order: it is one report.
    static func executed(_ event: OutboxEvent, at now: Timestamp) throws -> Notice? {
        let command = try event.data.decode(CommandSummary.self)
        guard command.outcome == .executed, let figures = command.result,
            case .report(_, closesDay: true) = CommandCatalogue[command.type]?.output
        else { return nil }
        let report = ClosedDay(deviceId: command.deviceId, figures: figures, reportedAt: event.createdAt)
        return .statements([
            Letters.statement(
                .zReport, of: event, source: command.commandId.rawValue, topic: "\(command.deviceId)/z_report",
                data: try JSON(encoding: report), at: now)
        ])
    }
}

/// What a register said when it closed its day.
struct ClosedDay: Codable, Sendable {
    let deviceId: DeviceID
    let figures: JSON
    let reportedAt: Timestamp
}

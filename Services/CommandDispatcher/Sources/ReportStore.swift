import CommandDispatcherRoutes
import EventLoop
import Models
import Postgres

/// The reports that registers have printed.
@Loop final class ReportStore {
    private let pool: PostgresPool

    init(pool: PostgresPool) { self.pool = pool }

    /// Two texts, because one plan cannot use both indexes.
    private static let ofOrganization = list("$2::text IS NULL")
    private static let ofDevice = list("device_id = $2")

    private static func list(_ device: String) -> Statement {
        Statement(
            """
            SELECT command_id, device_id, data, created_at FROM dispatch.reports
            WHERE org_id = $1 AND \(device) AND type = $3
                AND created_at >= coalesce($4::timestamptz, '-infinity')
                AND created_at <= coalesce($5::timestamptz, 'infinity')
            ORDER BY created_at DESC, command_id DESC LIMIT $6
            """)
    }

    /// The newest reports of a type.
    func list(_ type: ReportType, _ filter: ReportFilter, of orgId: OrgID) async throws(PostgresError) -> [Report] {
        let rows = try await pool.query(
            filter.deviceId == nil ? Self.ofOrganization : Self.ofDevice,
            [orgId, filter.deviceId, type.command?.rawValue, filter.period.from, filter.period.to, filter.limit])
        var reports: [Report] = []
        for row in rows {
            reports.append(
                Report(
                    id: try row.string("command_id"), deviceId: try row.value("device_id"), type: type,
                    figures: try row.json("data").object ?? [:], createdAt: try row.timestamp("created_at")))
        }
        return reports
    }
}

extension ReportType {
    /// The command that prints it, under whose type it is stored.
    fileprivate var command: CommandType? {
        CommandCatalogue.all.first { definition in
            if case .report(self, _) = definition.output { true } else { false }
        }?.type
    }
}

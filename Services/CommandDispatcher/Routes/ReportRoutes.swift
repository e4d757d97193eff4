import Endpoints
import JSON
import Models

extension CommandDispatcherRoutes {
    package static let listXReports = reports(.x, summary: "X reports, newest first")
    package static let listZReports = reports(.z, summary: "Z reports, newest first")

    private static func reports(_ type: ReportType, summary: String) -> Endpoint<ReportFilter, ReportList> {
        Endpoint(
            "reports.\(type.rawValue)", .commandDispatcher, .get, PathTemplate("/api/v1/reports/\(type.rawValue)"),
            summary: summary,
            notes: """
                A report's id is that of the command that printed it; from and to count by the moment of printing, its \
                createdAt. A list of long reports may be shorter than limit: what is older is found by to.
                """,
            access: .scope(.reports), query: ReportFilter.fields,
            success: .ok(ReportList.schema, example: ["reports": [Report.example(of: type)]]))
    }
}

/// Which reports a list shows.
package struct ReportFilter: Decodable, Sendable {
    package let deviceId: DeviceID?
    package let period: Period
    package let limit: Int

    private enum CodingKeys: String, CodingKey { case deviceId, limit }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        deviceId = try container.decodeIfPresent(DeviceID.self, forKey: .deviceId)
        period = try Period(from: decoder)
        limit = try container.decode(Int.self, forKey: .limit)
    }

    static let fields: [Field] =
        [.optional("deviceId", DeviceID.schema)] + Period.fields + [
            .optional("limit", .integer(1...100), default: 50)
        ]
}

package struct ReportList: Encodable, Sendable {
    package let reports: [Report]

    package init(reports: [Report]) { self.reports = reports }

    static let schema = Schema.object([.required("reports", .array(of: Report.schema))]).named("ReportList")
}

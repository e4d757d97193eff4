import Bus
import CommandDispatcherRoutes
import EventLoop
import Models

/// The registers' X and Z reports, as clients see them.
@Loop struct ReportHandlers {
    let reports: ReportStore

    func mount(on bus: Bus) {
        bus.mount(CommandDispatcherRoutes.listXReports) { try await list(.x, $0) }
        bus.mount(CommandDispatcherRoutes.listZReports) { try await list(.z, $0) }
    }

    private func list(_ type: ReportType, _ call: Call<ReportFilter>) async throws -> ReportList {
        let filter = try call.input()
        let found = try await reports.list(type, filter, of: call.orgId)
        return ReportList(reports: try Page(found, limit: filter.limit).entries)
    }
}

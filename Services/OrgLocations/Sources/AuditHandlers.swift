import Bus
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

@Loop struct AuditHandlers {
    let store: AuditStore
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.audit) { call in
            let filter = try call.input()
            let found = try await store.entries(of: call.orgId, after: filter.cursor, limit: filter.limit + 1)
            // There is a cursor only where more follows, and no entry ever goes.
            if found.isEmpty, filter.cursor != nil {
                throw APIError.validation("query.cursor", "cursor is not valid")
            }
            let entries = Array(found.prefix(filter.limit))
            return ListPage(entries, nextCursor: found.count > filter.limit ? entries.last?.id : nil)
        }
    }
}

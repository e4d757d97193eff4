import Models
import OrgLocationsRoutes
import Postgres

extension APIKey {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.value("api_key_id"), label: try row.string("label"), prefix: try row.string("prefix"),
            scopes: try row.value("scopes", as: [String].self).compactMap(Scope.init),
            active: try row.bool("active"), createdAt: try row.timestamp("created_at"),
            lastUsedAt: try row.optional("last_used_at"))
    }
}

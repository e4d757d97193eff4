import JSON
import Models
import Postgres

extension Organization {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.value("org_id"), name: try row.string("name"), cui: try row.string("cui"),
            billingAddress: try row.decoded("billing_address"), plan: try row.raw("plan"),
            createdAt: try row.timestamp("created_at"), updatedAt: try row.timestamp("updated_at"))
    }
}

extension Location {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.value("location_id"), name: try row.string("name"), address: try row.string("address"),
            orgId: try row.value("org_id"), createdAt: try row.timestamp("created_at"),
            updatedAt: try row.timestamp("updated_at"))
    }
}

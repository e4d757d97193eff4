import Models
import Postgres

extension Device {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.value("device_id"), name: try row.string("name"), protocol: try row.raw("protocol"),
            transport: try row.raw("transport"), locationId: try row.value("location_id"),
            connectionParams: try row.decoded("connection_params"),
            orgId: try row.value("org_id"), status: try row.raw("status"),
            controllerId: try row.optional("controller_id"), controllerName: try row.optional("controller_name"),
            createdAt: try row.timestamp("created_at"), updatedAt: try row.timestamp("updated_at"))
    }
}

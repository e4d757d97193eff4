import Models
import Postgres

/// Reads what the owners of the devices' state publish.
struct DeviceStore: Sendable {
    let pool: PostgresPool

    /// Every device of an organization: each row is a ``DeviceFacts``.
    func devices(of organization: OrgID) async throws(PostgresError) -> PostgresRows {
        try await pool.query(Self.selection(where: "d.org_id = $1"), [organization])
    }

    /// One device of an organization; nil if it has none of that id.
    func device(_ device: DeviceID, of organization: OrgID) async throws -> DeviceFacts? {
        let rows = try await pool.query(
            Self.selection(where: "d.org_id = $1 AND d.device_id = $2"), [organization, device])
        return try rows.first.map(DeviceFacts.init)
    }

    static func selection(where condition: String) -> Statement {
        Statement(
            """
            SELECT d.device_id, d.org_id, d.name, d.created_at, coalesce(s.connected, false) AS connected, s.last_seen,
                s.paper_since, s.cover_since, s.fiscal_memory_since, z.at AS last_z_report
            FROM org.device_directory d
            LEFT JOIN gateway.device_state s ON s.device_id = d.device_id AND s.org_id = d.org_id
            LEFT JOIN dispatch.last_z_report z ON z.device_id = d.device_id AND z.org_id = d.org_id
            WHERE \(condition)
            """)
    }
}

extension DeviceFacts {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            deviceId: try row.value("device_id"), orgId: try row.value("org_id"), name: try row.value("name"),
            createdAt: try row.value("created_at"), isConnected: try row.value("connected"),
            lastSeen: try row.optional("last_seen"), paperSince: try row.optional("paper_since"),
            coverOpenSince: try row.optional("cover_since"),
            fiscalMemoryAlmostFullSince: try row.optional("fiscal_memory_since"),
            lastZReport: try row.optional("last_z_report"))
    }
}

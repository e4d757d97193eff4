import EventLoop
import Models
import Postgres

/// What the gateway remembers: one state a device, the connection history, and which gateways live.
@Loop struct GatewayStore {
    let pool: PostgresPool

    /// The device of this organization with its last known state, and a fresh epoch; nil when there is none.
    func admit(_ device: DeviceID, of organization: OrgID) async throws(PostgresError) -> KnownDevice? {
        let rows = try await pool.query(Self.admit, [organization.rawValue, device.rawValue])
        guard let row = rows.first else { return nil }
        return try KnownDevice(
            epoch: row.value("epoch"),
            flags: DeviceFlags(
                paperEndSince: row.optional("paper_end_since"),
                paperNearEndSince: row.optional("paper_near_end_since"),
                coverOpenSince: row.optional("cover_open_since"),
                fiscalMemoryAlmostFullSince: row.optional("fiscal_memory_almost_full_since"),
                fault: row.optional("fault")))
    }

    func heartbeat(of instance: String) async throws(PostgresError) {
        _ = try await pool.query(
            """
            INSERT INTO gateway.instances (instance, seen_at) VALUES ($1, now())
            ON CONFLICT (instance) DO UPDATE SET seen_at = excluded.seen_at
            """, [instance])
    }

    /// This process holds no sockets any more.
    func leave(_ instance: String) async throws(PostgresError) {
        _ = try await pool.query("DELETE FROM gateway.instances WHERE instance = $1", [instance])
    }

    private static let admit: Statement = """
        SELECT nextval('gateway.session_epoch') AS epoch, s.paper_end_since, s.paper_near_end_since,
            s.cover_open_since, s.fiscal_memory_almost_full_since, s.fault
        FROM org.device_directory d
        LEFT JOIN gateway.device_state s ON s.device_id = d.device_id AND s.org_id = d.org_id
        WHERE d.org_id = $1 AND d.device_id = $2
        """
}

struct KnownDevice {
    let epoch: Int64
    /// As the device last reported them.
    let flags: DeviceFlags
}

import EventLoop
import Models
import Postgres

/// What the gateway remembers: one state a device, the connection history, and which gateways live.
@Loop struct GatewayStore {
    let pool: PostgresPool

    /// Each device with its last known state, if it is the organization's, and a fresh epoch; nil where there is none.
    func admit(_ devices: [(id: DeviceID, organization: OrgID)]) async throws(PostgresError) -> [KnownDevice?] {
        var known = [KnownDevice?](repeating: nil, count: devices.count)
        guard !devices.isEmpty else { return known }
        for row in try await pool.query(Self.admit, [devices.map(\.organization), devices.map(\.id)]) {
            known[try row.int("number") - 1] = try KnownDevice(
                epoch: row.value("epoch"),
                flags: DeviceFlags(
                    paperEndSince: row.optional("paper_end_since"),
                    paperNearEndSince: row.optional("paper_near_end_since"),
                    coverOpenSince: row.optional("cover_open_since"),
                    fiscalMemoryAlmostFullSince: row.optional("fiscal_memory_almost_full_since"),
                    fault: row.optional("fault")))
        }
        return known
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
        SELECT asked.number, nextval('gateway.session_epoch') AS epoch, s.paper_end_since, s.paper_near_end_since,
            s.cover_open_since, s.fiscal_memory_almost_full_since, s.fault
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (org_id, device_id, number)
        JOIN org.device_directory d ON d.org_id = asked.org_id AND d.device_id = asked.device_id
        LEFT JOIN gateway.device_states s ON s.device_id = d.device_id AND s.org_id = d.org_id
        """
}

struct KnownDevice {
    let epoch: Int64
    /// As the device last reported them.
    let flags: DeviceFlags
}

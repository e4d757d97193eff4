import Models
import Postgres

extension GatewayStore {
    /// The devices of an organization whose socket is up: each row is an ``AppInstance``.
    func appInstances(of organization: OrgID) async throws(PostgresError) -> PostgresRows {
        try await pool.query(
            """
            SELECT s.device_id, coalesce(d.name, s.device_id) AS device_name, s.app_version, s.device_model,
                s.os_version, s.connected_at
            FROM gateway.device_state s
            LEFT JOIN org.device_directory d ON d.device_id = s.device_id AND d.org_id = s.org_id
            WHERE s.org_id = $1 AND s.connected
            ORDER BY s.device_id
            """, [organization])
    }

    /// Every device of an organization, connected ever or never: the rows of ``DeviceStatuses``.
    func connectivity(of organization: OrgID) async throws(PostgresError) -> PostgresRows {
        try await pool.query(Self.connectivity(where: "d.org_id = $1"), [organization])
    }

    /// Nil for a device that the organization does not have.
    func connectivity(of device: DeviceID, in organization: OrgID) async throws -> DeviceConnectivity? {
        let rows = try await pool.query(
            Self.connectivity(where: "d.org_id = $1 AND d.device_id = $2"), [organization, device])
        return try rows.first.map(DeviceConnectivity.init)
    }

    private static func connectivity(where condition: String) -> Statement {
        Statement(
            """
            SELECT d.device_id, coalesce(s.connected, false) AS connected, coalesce(s.status, 'offline') AS status,
                s.last_seen
            FROM org.device_directory d
            LEFT JOIN gateway.device_state s ON s.device_id = d.device_id AND s.org_id = d.org_id
            WHERE \(condition)
            """)
    }

    /// Nil for a device that the organization does not have.
    func history(of device: DeviceID, in organization: OrgID) async throws -> [ConnectionHistoryEntry]? {
        let rows = try await pool.query(
            """
            SELECT e.*
            FROM org.device_directory d
            LEFT JOIN LATERAL (
                SELECT * FROM gateway.connection_events
                WHERE device_id = d.device_id AND org_id = d.org_id ORDER BY id DESC LIMIT $3
            ) e ON true
            WHERE d.org_id = $1 AND d.device_id = $2
            ORDER BY e.at DESC, e.id DESC
            """, [organization, device, ConnectionHistory.length])
        guard let first = rows.first else { return nil }
        // The one row of a device that was never connected has no event in it.
        return try first.optional("type") as String? == nil ? [] : rows.map(ConnectionHistoryEntry.init)
    }

    /// Which of these credentials are not what they were, and which of these devices do not exist any more.
    func gone(
        standings: Set<Standing>, devices: Set<String>
    ) async throws(PostgresError) -> (standings: Set<Standing>, devices: Set<String>) {
        let standings = Array(standings)
        let rows = try await pool.query(
            """
            SELECT c.id, c.rights FROM unnest($1::text[], $2::text[]) AS c (id, rights)
            WHERE NOT EXISTS (
                SELECT FROM org.live_credentials l
                WHERE l.credential_id = c.id
                    AND c.rights = (SELECT string_agg(held, ' ' ORDER BY held COLLATE "C") FROM unnest(l.rights) AS held))
            UNION ALL
            SELECT d.id, NULL FROM unnest($3::text[]) AS d (id)
            WHERE NOT EXISTS (SELECT FROM org.device_directory l WHERE l.device_id = d.id)
            """, [standings.map(\.credential), standings.map(\.rights), Array(devices)])
        var gone: (standings: Set<Standing>, devices: Set<String>) = ([], [])
        for row in rows {
            let id = try row.string("id")
            if let rights: String = try row.optional("rights") {
                gone.standings.insert(Standing(credential: id, rights: rights))
            } else {
                gone.devices.insert(id)
            }
        }
        return gone
    }

    /// Forgets devices that have been deleted. A socket that is still being closed writes once more: it is found the next
    /// time.
    func forgetDeleted() async throws(PostgresError) {
        _ = try await pool.query(
            """
            WITH gone AS (
                SELECT s.device_id FROM gateway.device_states s
                WHERE NOT s.connected AND NOT EXISTS (
                    SELECT FROM org.device_directory d WHERE d.org_id = s.org_id AND d.device_id = s.device_id)
                ORDER BY s.device_id LIMIT 1000 FOR UPDATE OF s SKIP LOCKED
            ), states AS (
                DELETE FROM gateway.device_states s USING gone WHERE s.device_id = gone.device_id
            )
            DELETE FROM gateway.connection_events e USING gone WHERE e.device_id = gone.device_id
            """)
    }
}

extension AppInstances {
    init(_ rows: PostgresRows) throws(PostgresError) {
        self.init(
            instances: try rows.map { row throws(PostgresError) in
                AppInstance(
                    deviceId: try row.value("device_id"), deviceName: try row.value("device_name"),
                    appVersion: try row.value("app_version"), deviceModel: try row.value("device_model"),
                    osVersion: try row.value("os_version"), connectedAt: try row.value("connected_at"))
            })
    }
}

extension DeviceStatuses {
    init(_ rows: PostgresRows) throws(PostgresError) {
        var statuses: [String: DeviceConnectivity] = Dictionary(minimumCapacity: rows.count)
        for row in rows { statuses[try row.value("device_id")] = try DeviceConnectivity(row) }
        self.init(statuses: statuses)
    }
}

extension DeviceConnectivity {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            wsConnected: try row.value("connected"), firestoreStatus: try row.raw("status"),
            lastSeen: try row.optional("last_seen"))
    }
}

extension ConnectionHistoryEntry {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            type: try row.raw("type"), timestamp: try row.value("at"), deviceModel: try row.value("device_model"),
            appVersion: try row.value("app_version"), osVersion: try row.value("os_version"),
            code: try row.optional("code"), reason: try row.optional("reason"))
    }
}

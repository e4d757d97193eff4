import Models
import Postgres

extension GatewayStore {
    /// The devices of an organization whose socket is up.
    func appInstances(of organization: OrgID) async throws -> [AppInstance] {
        let rows = try await pool.query(
            """
            SELECT s.device_id, coalesce(d.name, s.device_id) AS device_name, s.app_version, s.device_model,
                s.os_version, s.connected_at
            FROM gateway.device_state s
            LEFT JOIN org.device_directory d ON d.device_id = s.device_id AND d.org_id = s.org_id
            WHERE s.org_id = $1 AND s.connected
            ORDER BY s.device_id
            """, [organization])
        return try rows.map { row in
            AppInstance(
                deviceId: try row.value("device_id"), deviceName: try row.value("device_name"),
                appVersion: try row.value("app_version"), deviceModel: try row.value("device_model"),
                osVersion: try row.value("os_version"), connectedAt: try row.value("connected_at"))
        }
    }

    /// Every device of an organization, connected ever or never.
    func connectivity(of organization: OrgID) async throws -> [String: DeviceConnectivity] {
        let rows = try await pool.query(
            """
            SELECT d.device_id, coalesce(s.connected, false) AS connected, coalesce(s.status, 'offline') AS status,
                s.last_seen
            FROM org.device_directory d
            LEFT JOIN gateway.device_state s ON s.device_id = d.device_id AND s.org_id = d.org_id
            WHERE d.org_id = $1
            """, [organization])
        var connectivity: [String: DeviceConnectivity] = [:]
        for row in rows {
            connectivity[try row.value("device_id")] = DeviceConnectivity(
                wsConnected: try row.value("connected"),
                firestoreStatus: try row.optional("status").flatMap(DeviceStatus.init) ?? .offline,
                lastSeen: try row.optional("last_seen"))
        }
        return connectivity
    }

    /// Which of these credentials and devices do not exist any more.
    func gone(
        credentials: [String], devices: [String]
    ) async throws(PostgresError) -> (credentials: Set<String>, devices: Set<String>) {
        let rows = try await pool.query(
            """
            SELECT 'credential' AS kind, c.id FROM unnest($1::text[]) AS c (id)
            WHERE NOT EXISTS (SELECT FROM org.live_credentials l WHERE l.credential_id = c.id)
            UNION ALL
            SELECT 'device', d.id FROM unnest($2::text[]) AS d (id)
            WHERE NOT EXISTS (SELECT FROM org.device_directory l WHERE l.device_id = d.id)
            """, [credentials, devices])
        var gone: (credentials: Set<String>, devices: Set<String>) = ([], [])
        for row in rows {
            let id: String = try row.value("id")
            if try row.string("kind") == "device" { gone.devices.insert(id) } else { gone.credentials.insert(id) }
        }
        return gone
    }

    /// Writes off what gateways that are no more have left behind as connected; true if there was any.
    func disconnectLost() async throws(PostgresError) -> Bool {
        let rows = try await pool.query(
            """
            WITH lost AS (
                SELECT d.device_id FROM gateway.device_states d
                LEFT JOIN gateway.instances i ON i.instance = d.instance
                WHERE d.connected AND coalesce(i.seen_at < now() - interval '15 seconds', true)
                ORDER BY d.device_id LIMIT 1000 FOR UPDATE OF d SKIP LOCKED
            ), closed AS (
                UPDATE gateway.device_states d SET connected = false, busy = false
                FROM lost WHERE d.device_id = lost.device_id
                RETURNING d.*
            ), remembered AS (
                INSERT INTO gateway.connection_events (
                    org_id, device_id, type, at, app_version, device_model, os_version, code, reason)
                SELECT org_id, device_id, 'disconnected', now(), app_version, device_model, os_version, 1006,
                    'gateway lost'
                FROM closed
            ), announced AS (
                INSERT INTO bus.outbox (event_id, org_id, type, created_at, data)
                SELECT 'evt_' || replace(gen_random_uuid()::text, '-', ''), org_id, event.type, now(), event.data
                FROM closed CROSS JOIN LATERAL (VALUES
                    ($1::text,
                        jsonb_build_object('deviceId', device_id, 'code', 1006, 'reason', 'gateway lost')),
                    ($2,
                        jsonb_build_object('deviceId', device_id, 'status', 'offline', 'timestamp',
                            to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
                ) AS event (type, data)
            )
            SELECT count(*) AS closed FROM closed
            """, [AppDisconnected.type.rawValue, DeviceStatusChanged.type.rawValue])
        return try (rows.first?.int("closed") ?? 0) > 0
    }
}

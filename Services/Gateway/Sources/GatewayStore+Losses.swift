import Models
import Postgres

extension GatewayStore {
    /// Writes off what gateways that are no more have left behind as connected, a thousand at most; true if there was any.
    func disconnectLost() async throws(PostgresError) -> Bool {
        let rows = try await pool.query(
            Self.disconnectLost, [AppDisconnected.type.rawValue, DeviceStatusChanged.type.rawValue])
        return try (rows.first?.int("closed") ?? 0) > 0
    }

    private static let disconnectLost = Statement(
        """
        WITH abandoned AS MATERIALIZED (
            SELECT d.device_id, d.epoch FROM gateway.device_states d
            LEFT JOIN gateway.instances i ON i.instance = d.instance
            WHERE d.connected AND coalesce(i.seen_at < now() - interval '15 seconds', true)
            ORDER BY d.device_id LIMIT 1000
        ), held AS MATERIALIZED (
            SELECT * FROM abandoned WHERE pg_try_advisory_xact_lock(\(Self.writerLock), hashtext(device_id))
        ), lost AS (
            -- A device that has come back meanwhile has another epoch.
            SELECT d.device_id FROM gateway.device_states d
            JOIN held ON held.device_id = d.device_id AND held.epoch = d.epoch
            WHERE d.connected ORDER BY d.device_id FOR UPDATE OF d SKIP LOCKED
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
        """)
}

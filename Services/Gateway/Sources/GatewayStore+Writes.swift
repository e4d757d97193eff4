import JSON
import Models
import Postgres

extension GatewayStore {
    /// Writes one batch in one round trip; true if there are new events.
    ///
    /// A device's row decides what has happened to it: what comes from a superseded socket changes nothing, and of each
    /// socket's beginning and end there is one event, however often a batch whose outcome was lost is written again.
    func write(_ changes: [DeviceChange], at now: Timestamp) async throws -> Bool {
        let rows = JSON.array(changes.map(\.row))
        var connections: [JSON] = []
        for event in changes.flatMap(\.connections) {
            connections.append(try event.row(at: connections.count))
        }
        let written = try await pool.atomically([
            (Self.takeTurns, [changes.map(\.snapshot.deviceId)]),
            (Self.addStates, [rows]),
            (
                Self.writeStates,
                [
                    rows, JSON.array(connections),
                    JSON.array(try changes.flatMap { try $0.conditionalEvents(at: now) }),
                    AppConnected.type.rawValue, AppDisconnected.type.rawValue, now,
                ]
            ),
            (
                Self.shortenHistory,
                [
                    changes.filter { !$0.connections.isEmpty }.map(\.snapshot.deviceId).sorted(),
                    ConnectionHistory.length,
                ]
            ),
        ])
        return written[2].affectedRows > 0
    }

    /// Whoever else writes one of these devices is waited for before this transaction has an id: events are read in the
    /// order of these, and one that had its id and then waited would tell what came later first.
    private static let takeTurns = Statement(
        """
        SELECT count(pg_advisory_xact_lock(\(writerLock), key)) FROM (
            SELECT DISTINCT hashtext(device_id) AS key FROM unnest($1::text[]) AS device_id ORDER BY key
        ) AS keys
        """)

    /// The class of the advisory locks that writers of device states take, one a device.
    static let writerLock = 6

    /// So that the next statement finds, and locks, a row of every device.
    private static let addStates: Statement = """
        INSERT INTO gateway.device_states (
            device_id, org_id, epoch, session, instance, connected, busy, connected_at, last_seen, app_version,
            device_model, os_version)
        SELECT s.device_id, s.org_id, 0, '', '', false, false, s.connected_at, s.last_seen, '', '', ''
        FROM json_to_recordset($1::json) AS s (
            device_id text, org_id text, connected_at timestamptz, last_seen timestamptz)
        WHERE NOT EXISTS (SELECT FROM gateway.device_states d WHERE d.device_id = s.device_id)
        ORDER BY s.device_id
        ON CONFLICT DO NOTHING
        """

    private static let writeStates: Statement = """
        WITH change AS (
            SELECT * FROM json_to_recordset($1::json) AS s (
                device_id text, org_id text, epoch bigint, session text, instance text, connected boolean,
                busy boolean, connected_at timestamptz, last_seen timestamptz, app_version text, device_model text,
                os_version text, paper_end_since timestamptz, paper_near_end_since timestamptz,
                cover_open_since timestamptz, fiscal_memory_almost_full_since timestamptz, fault text)
        ), before AS (
            SELECT d.* FROM gateway.device_states d
            WHERE d.device_id IN (SELECT device_id FROM change) ORDER BY d.device_id FOR UPDATE
        ), written AS (
            UPDATE gateway.device_states d SET
                org_id = s.org_id, epoch = s.epoch, session = s.session, instance = s.instance,
                connected = s.connected, busy = s.busy, connected_at = s.connected_at, last_seen = s.last_seen,
                app_version = s.app_version, device_model = s.device_model, os_version = s.os_version,
                paper_end_since = s.paper_end_since, paper_near_end_since = s.paper_near_end_since,
                cover_open_since = s.cover_open_since,
                fiscal_memory_almost_full_since = s.fiscal_memory_almost_full_since, fault = s.fault
            FROM change s JOIN before b ON b.device_id = s.device_id
            WHERE d.device_id = s.device_id AND b.epoch <= s.epoch
            RETURNING d.*
        ), line AS (
            SELECT * FROM json_to_recordset($2::json) AS l (
                position integer, event_id text, org_id text, device_id text, event text, at timestamptz, data jsonb,
                type text, epoch bigint, app_version text, device_model text, os_version text, code integer,
                reason text, ending_code integer, ending_reason text)
        ), happened AS (
            SELECT 2 * l.position AS position, l.event_id, l.org_id, l.device_id, l.event, l.at, l.data, l.type,
                l.app_version, l.device_model, l.os_version, l.code, l.reason
            FROM line l JOIN before b ON b.device_id = l.device_id
            WHERE l.epoch > b.epoch OR (l.epoch = b.epoch AND b.connected AND l.type = 'disconnected')
            UNION ALL
            -- Whoever held the socket before has not said yet, or never will, that it ended.
            SELECT 2 * next.position - 1, 'evt_' || replace(gen_random_uuid()::text, '-', ''), b.org_id, b.device_id,
                $5::text, next.at,
                jsonb_build_object('deviceId', b.device_id, 'code', next.ending_code, 'reason', next.ending_reason),
                'disconnected', b.app_version, b.device_model, b.os_version, next.ending_code, next.ending_reason
            FROM before b CROSS JOIN LATERAL (
                SELECT * FROM line l WHERE l.device_id = b.device_id AND l.type = 'connected' AND l.epoch > b.epoch
                ORDER BY l.position LIMIT 1
            ) next
            WHERE b.connected AND NOT EXISTS (
                SELECT FROM line l
                WHERE l.device_id = b.device_id AND l.type = 'disconnected' AND l.epoch = b.epoch)
            UNION ALL
            -- It had been written off, and is there after all.
            SELECT -1, 'evt_' || replace(gen_random_uuid()::text, '-', ''), w.org_id, w.device_id, $4::text, $6::timestamptz,
                jsonb_build_object(
                    'deviceId', w.device_id, 'appVersion', w.app_version, 'deviceModel', w.device_model,
                    'osVersion', w.os_version),
                'connected', w.app_version, w.device_model, w.os_version, NULL, NULL
            FROM written w JOIN before b ON b.device_id = w.device_id AND b.epoch = w.epoch
            WHERE w.connected AND NOT b.connected
        ), remembered AS (
            INSERT INTO gateway.connection_events (
                org_id, device_id, type, at, app_version, device_model, os_version, code, reason)
            SELECT org_id, device_id, type, at, app_version, device_model, os_version, code, reason
            FROM happened ORDER BY position
        ), difference AS (
            SELECT w.device_id,
                (w.connected, w.connected AND w.fault IS NOT NULL, w.connected AND w.fault IS NULL AND w.busy)
                IS DISTINCT FROM
                (b.connected, b.connected AND b.fault IS NOT NULL, b.connected AND b.fault IS NULL AND b.busy)
                AS status,
                (w.paper_end_since IS NULL, w.paper_near_end_since IS NULL, w.cover_open_since IS NULL,
                    w.fiscal_memory_almost_full_since IS NULL, w.fault)
                IS DISTINCT FROM (
                    b.paper_end_since IS NULL, b.paper_near_end_since IS NULL, b.cover_open_since IS NULL,
                    b.fiscal_memory_almost_full_since IS NULL, b.fault) AS flags
            FROM written w JOIN before b ON b.device_id = w.device_id
        )
        INSERT INTO bus.outbox (event_id, org_id, type, created_at, data)
        SELECT event_id, org_id, event, at, data FROM (
            SELECT position, event_id, org_id, event, at, data FROM happened
            UNION ALL
            SELECT 1000000000, e.event_id, e.org_id, e.event, e.at, e.data
            FROM json_to_recordset($3::json) AS e (
                event_id text, org_id text, device_id text, event text, at timestamptz, data jsonb, condition text)
            JOIN difference d ON d.device_id = e.device_id
            WHERE (e.condition = 'status' AND d.status) OR (e.condition = 'flags' AND d.flags)
        ) news ORDER BY position
        """

    /// A statement of its own, which sees what the one before has written.
    private static let shortenHistory: Statement = """
        DELETE FROM gateway.connection_events old
        USING unnest($1::text[]) AS touched (device_id)
        CROSS JOIN LATERAL (
            SELECT id FROM gateway.connection_events kept
            WHERE kept.device_id = touched.device_id ORDER BY id DESC OFFSET $2 LIMIT 1
        ) oldest
        WHERE old.device_id = touched.device_id AND old.id <= oldest.id
        """
}

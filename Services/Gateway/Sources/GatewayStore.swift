import EventLoop
import JSON
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

    /// Writes one batch in one round trip; what comes from a superseded session changes no state. True if there are
    /// new events.
    func write(
        _ changes: [StateChange], _ history: [ConnectionEvent], at now: Timestamp
    ) async throws -> Bool {
        let events = try changes.flatMap { try $0.events(at: now) } + history.map { try $0.event() }
        let written = try await pool.atomically([
            (Self.writeStates, [JSON.array(changes.map(\.row)), JSON.array(events)]),
            (Self.writeHistory, [JSON.array(history.map(\.row))]),
            (Self.shortenHistory, [Set(history.map(\.snapshot.deviceId)).sorted(), ConnectionHistory.length]),
        ])
        return written[0].affectedRows > 0
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

    /// `before` is read, locked and complete before anything is written: the rows pass through a sort.
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
            INSERT INTO gateway.device_states AS d (
                device_id, org_id, epoch, session, instance, connected, busy, connected_at, last_seen, app_version,
                device_model, os_version, paper_end_since, paper_near_end_since, cover_open_since,
                fiscal_memory_almost_full_since, fault)
            SELECT s.* FROM change s LEFT JOIN before b ON b.device_id = s.device_id ORDER BY s.device_id
            ON CONFLICT (device_id) DO UPDATE SET
                org_id = excluded.org_id, epoch = excluded.epoch, session = excluded.session,
                instance = excluded.instance, connected = excluded.connected, busy = excluded.busy,
                connected_at = excluded.connected_at, last_seen = excluded.last_seen,
                app_version = excluded.app_version, device_model = excluded.device_model,
                os_version = excluded.os_version, paper_end_since = excluded.paper_end_since,
                paper_near_end_since = excluded.paper_near_end_since, cover_open_since = excluded.cover_open_since,
                fiscal_memory_almost_full_since = excluded.fiscal_memory_almost_full_since, fault = excluded.fault
            WHERE d.epoch <= excluded.epoch
            RETURNING d.*
        ), difference AS (
            SELECT w.device_id,
                (w.connected, w.connected AND w.fault IS NOT NULL, w.connected AND w.fault IS NULL AND w.busy)
                IS DISTINCT FROM (
                    coalesce(b.connected, false), coalesce(b.connected AND b.fault IS NOT NULL, false),
                    coalesce(b.connected AND b.fault IS NULL AND b.busy, false)) AS status,
                (w.paper_end_since IS NULL, w.paper_near_end_since IS NULL, w.cover_open_since IS NULL,
                    w.fiscal_memory_almost_full_since IS NULL, w.fault)
                IS DISTINCT FROM (
                    b.paper_end_since IS NULL, b.paper_near_end_since IS NULL, b.cover_open_since IS NULL,
                    b.fiscal_memory_almost_full_since IS NULL, b.fault) AS flags
            FROM written w LEFT JOIN before b ON b.device_id = w.device_id
        )
        INSERT INTO bus.outbox (event_id, org_id, type, created_at, data)
        SELECT e.event_id, e.org_id, e.type, e.created_at, e.data
        FROM json_to_recordset($2::json) AS e (
            event_id text, org_id text, device_id text, type text, created_at timestamptz, data jsonb, condition text)
        LEFT JOIN difference d ON d.device_id = e.device_id
        WHERE e.condition = 'always' OR (e.condition = 'status' AND d.status) OR (e.condition = 'flags' AND d.flags)
        """

    private static let writeHistory: Statement = """
        INSERT INTO gateway.connection_events (
            org_id, device_id, type, at, app_version, device_model, os_version, code, reason)
        SELECT org_id, device_id, type, at, app_version, device_model, os_version, code, reason
        FROM json_to_recordset($1::json) AS h (
            org_id text, device_id text, type text, at timestamptz, app_version text, device_model text,
            os_version text, code integer, reason text)
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

struct KnownDevice {
    let epoch: Int64
    /// As the device last reported them.
    let flags: DeviceFlags
}

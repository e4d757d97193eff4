import Models
import Postgres

/// What is asked of the devices: one statement per question, whatever the number of devices.
enum DeviceStatements {
    private static let columns = """
        d.device_id, d.org_id, d.location_id, d.name, d.protocol, d.transport, d.connection_params,
        d.controller_id, d.controller_name, d.created_at, d.updated_at,
        coalesce(CASE WHEN s.connected THEN s.status END, 'offline') AS status
        """
    private static let state = """
        LEFT JOIN gateway.device_state s ON s.org_id = d.org_id AND s.device_id = d.device_id
        """
    /// `$1` is the organization, `$2` what each plan allows.
    private static let allowanceColumns = """
        plan.name AS plan, ($2::jsonb ->> plan.name)::integer AS maximum,
            (SELECT count(*) FROM org.devices WHERE org_id = $1) AS current
        """
    private static let plan = """
        (SELECT coalesce((SELECT plan FROM billing.organization_plan WHERE org_id = $1), 'free') AS name) plan
        """

    static let list = Statement(
        """
        SELECT * FROM (
            SELECT \(columns)
            FROM org.devices d
            \(state)
            WHERE d.org_id = $1 AND ($2::text IS NULL OR d.location_id = $2)
        ) devices
        WHERE $3::text IS NULL OR status = $3
        ORDER BY created_at DESC, device_id DESC
        """)

    static let one = Statement("SELECT \(columns) FROM org.devices d \(state) WHERE d.org_id = $1 AND d.device_id = $2")

    static let allowance = Statement("SELECT \(allowanceColumns) FROM \(plan)")

    static let register = Statement(
        """
        WITH allowance AS (
            SELECT \(allowanceColumns),
                EXISTS (SELECT FROM org.locations WHERE org_id = $1 AND location_id = $4) AS located
            FROM \(plan)
        ), created AS (
            INSERT INTO org.devices (org_id, device_id, location_id, name, protocol, transport, connection_params)
            SELECT $1, $3, $4, $5, $6, $7, $8::jsonb
            FROM allowance
            WHERE (maximum IS NULL OR current < maximum) AND located
            RETURNING *
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id)
            SELECT org_id, $9, 'device.create', device_id, $10 FROM created
        ), announced AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, data)
            SELECT $11, org_id, '\(DeviceRegistered.type)', $10, jsonb_build_object(
                'deviceId', device_id,
                'createdAt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
            FROM created
        )
        SELECT a.plan, a.maximum, a.current, a.located, d.*, 'offline' AS status
        FROM allowance a
        LEFT JOIN created d ON true
        """)

    static let claim = Statement(
        """
        WITH held AS (
            SELECT * FROM org.devices WHERE org_id = $1 AND device_id = $2 FOR UPDATE
        ), changed AS (
            UPDATE org.devices d
            SET controller_id = $7, controller_name = $8, updated_at = now()
            FROM held h
            WHERE d.device_id = h.device_id AND (h.controller_id IS NULL OR h.controller_id = $7)
                AND (h.controller_id, h.controller_name) IS DISTINCT FROM ($7::text, $8::text)
            RETURNING d.*
        ), \(recorded(DeviceClaimed.type))
        SELECT coalesce(h.controller_id <> $7, false) AS refused, EXISTS (SELECT FROM changed) AS changed, \(columns)
        \(outcome)
        """)

    static let release = Statement(
        """
        WITH held AS (
            SELECT * FROM org.devices WHERE org_id = $1 AND device_id = $2 FOR UPDATE
        ), changed AS (
            UPDATE org.devices d
            SET controller_id = NULL, controller_name = NULL, updated_at = now()
            FROM held h
            WHERE d.device_id = h.device_id AND h.controller_id = $7
            RETURNING d.*
        ), \(recorded(DeviceReleased.type))
        SELECT h.controller_id IS DISTINCT FROM $7 AS refused, EXISTS (SELECT FROM changed) AS changed, \(columns)
        \(outcome)
        """)

    /// `$3` is the event's id, `$4` its data, `$5` the request, `$6` who asked.
    private static func recorded(_ type: EventType) -> String {
        """
        audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id)
            SELECT org_id, $6, '\(type)', device_id, $5 FROM changed
        ), announced AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, data)
            SELECT $3, org_id, '\(type)', $5, $4::jsonb FROM changed
        )
        """
    }

    private static let outcome = """
        FROM held h
        CROSS JOIN LATERAL (
            SELECT * FROM changed UNION ALL SELECT h.* WHERE NOT EXISTS (SELECT FROM changed)) d
        \(state)
        """
}

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
    /// `$1` is the organization, `$2` what each plan allows, `$3` the location.
    private static let allowanceColumns = """
        plan.name AS plan, ($2::jsonb ->> plan.name)::integer AS maximum,
            (SELECT count(*) FROM org.devices WHERE org_id = $1) AS current, \(located)
        """
    /// Whether `$3` is a location of the organization, where one is named.
    private static let located = """
        ($3::text IS NULL OR EXISTS (SELECT FROM org.locations WHERE org_id = $1 AND location_id = $3)) AS located
        """
    private static let plan = """
        (SELECT billing.plan_of($1) AS name) plan
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
            SELECT \(allowanceColumns) FROM \(plan)
        ), created AS (
            INSERT INTO org.devices (org_id, device_id, location_id, name, protocol, transport, connection_params)
            SELECT $1, $4, $3, $5, $6, $7, $8::jsonb
            FROM allowance
            WHERE (maximum IS NULL OR current < maximum) AND located
            RETURNING *
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, $9, 'device.create', device_id, $10, jsonb_build_object(
                'name', name, 'protocol', protocol, 'transport', transport, 'locationId', location_id,
                'connectionParams', connection_params)
            FROM created
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

    static let standing = Statement(
        "SELECT transport, \(located) FROM org.devices WHERE org_id = $1 AND device_id = $2")

    /// `$4` has the new connection parameters by each transport that they suit.
    static let update = Statement(
        """
        WITH held AS (
            SELECT * FROM org.devices WHERE org_id = $1 AND device_id = $2 FOR NO KEY UPDATE
        ), wanted AS (
            SELECT device_id, \(located), ($4::jsonb IS NULL OR $4::jsonb ? transport) AS suited,
                coalesce($5, name) AS name, coalesce($3, location_id) AS location_id,
                coalesce($4::jsonb -> transport, connection_params) AS connection_params
            FROM held
        ), changed AS (
            UPDATE org.devices d
            SET name = w.name, location_id = w.location_id, connection_params = w.connection_params,
                updated_at = now()
            FROM held h JOIN wanted w USING (device_id)
            WHERE d.device_id = h.device_id AND w.located AND w.suited
                AND (h.name, h.location_id, h.connection_params)
                    IS DISTINCT FROM (w.name, w.location_id, w.connection_params)
            RETURNING d.*
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, $6, 'device.update', device_id, $7, jsonb_build_object(
                'name', name, 'locationId', location_id, 'connectionParams', connection_params)
            FROM changed
        )
        SELECT w.located, w.located AND w.suited AS suitable, \(columns)
        \(outcome)
        CROSS JOIN wanted w
        """)

    static let delete = Statement(
        """
        WITH deleted AS (
            DELETE FROM org.devices WHERE org_id = $1 AND device_id = $2 RETURNING org_id, device_id, name
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, $3, 'device.delete', device_id, $4, jsonb_build_object('name', name) FROM deleted
        ), announced AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, data)
            SELECT $5, org_id, '\(DeviceDeleted.type)', $4, $6::jsonb FROM deleted
        )
        SELECT FROM deleted
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
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, $6, '\(type)', device_id, $5, $4::jsonb FROM changed
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

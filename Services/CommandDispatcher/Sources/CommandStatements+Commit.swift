import Postgres

extension CommandStatements {
    /// Writes what was decided, with all that follows from it, for those commands that are still as they were read.
    static let commit: Statement = """
        WITH change AS (
            SELECT * FROM json_to_recordset($1) AS x (
                id text, version integer, status text, outcome text, attempts integer, result json, error json,
                sent_at timestamptz, finished_at timestamptz, resolved_at timestamptz)
        ), locked AS (
            SELECT c.command_id
            FROM dispatch.commands AS c JOIN change AS x ON c.command_id = x.id AND c.version = x.version
            ORDER BY c.command_id
            FOR UPDATE OF c
        ), written AS (
            UPDATE dispatch.commands AS c
            SET status = x.status, outcome = x.outcome, attempts = x.attempts, result = x.result, error = x.error,
                sent_at = x.sent_at, finished_at = x.finished_at, resolved_at = x.resolved_at, updated_at = $5,
                version = c.version + 1
            FROM change AS x JOIN locked ON locked.command_id = x.id
            WHERE c.command_id = x.id
            RETURNING c.command_id, c.org_id, c.device_id, c.location_id, c.type, c.status, c.request_id
        ), report AS (
            INSERT INTO dispatch.reports (command_id, org_id, device_id, type, data, created_at)
            SELECT w.command_id, w.org_id, w.device_id, w.type, r.data, r.printed_at
            FROM json_to_recordset($3) AS r (id text, data json, printed_at timestamptz)
            JOIN written AS w ON w.command_id = r.id
        ), ended AS (
            SELECT w.device_id, array_agg(w.command_id) FILTER (WHERE w.status <> 'sent') AS commands,
                max(z.printed_at) AS z_report_at
            FROM written AS w
            LEFT JOIN json_to_recordset($3) AS z (id text, closes_day boolean, printed_at timestamptz)
                ON z.id = w.command_id AND z.closes_day
            GROUP BY w.device_id
        ), lane AS (
            UPDATE dispatch.lanes AS l
            SET command_id = CASE WHEN l.command_id = ANY (e.commands) THEN NULL ELSE l.command_id END,
                last_z_report_at = greatest(l.last_z_report_at, e.z_report_at)
            FROM ended AS e
            WHERE l.device_id = e.device_id AND (l.command_id = ANY (e.commands) OR e.z_report_at IS NOT NULL)
        ), printed AS (
            SELECT r.*, w.command_id, w.org_id, w.device_id, w.location_id,
                row_number() OVER (PARTITION BY w.device_id, r.fiscal_id) AS repetition
            FROM json_to_recordset($2) AS r (
                id text, receipt_id text, type text, items json, payments jsonb, total numeric, vat_breakdown jsonb,
                operator_id text, receipt_number text, fiscal_id text, fiscal_date timestamptz, fiscal_series text,
                customer_cif text, qr_code text)
            JOIN written AS w ON w.command_id = r.id
        ), receipt AS (
            INSERT INTO dispatch.receipts AS o (
                receipt_id, org_id, device_id, location_id, command_id, type, items, payments, total, vat_breakdown,
                operator_id, receipt_number, fiscal_id, fiscal_date, fiscal_series, customer_cif, qr_code, created_at)
            SELECT receipt_id, org_id, device_id, location_id, command_id, type, items, payments, total, vat_breakdown,
                operator_id, receipt_number, fiscal_id, fiscal_date, fiscal_series, customer_cif, qr_code, $5
            FROM printed WHERE repetition = 1 ORDER BY device_id, fiscal_id
            -- The app has stored what this command printed before its answer came: one fiscal act, one receipt.
            ON CONFLICT (device_id, fiscal_id) DO UPDATE SET command_id = excluded.command_id
            WHERE o.command_id IS NULL AND o.type = excluded.type AND abs(o.total - excluded.total) <= 0.01
            RETURNING receipt_id, command_id
        ), renumbered AS (
            -- A register that repeats a fiscal id for another act must not make its receipt disappear.
            INSERT INTO dispatch.receipts (
                receipt_id, org_id, device_id, location_id, command_id, type, items, payments, total, vat_breakdown,
                operator_id, receipt_number, fiscal_date, fiscal_series, customer_cif, qr_code, created_at)
            SELECT receipt_id, org_id, device_id, location_id, command_id, type, items, payments, total, vat_breakdown,
                operator_id, receipt_number, fiscal_date, fiscal_series, customer_cif, qr_code, $5
            FROM printed AS p WHERE NOT EXISTS (SELECT FROM receipt AS r WHERE r.command_id = p.command_id)
            RETURNING receipt_id
        ), event AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, created_at, data)
            SELECT e.event_id, w.org_id, e.type, w.request_id, $5, e.data
            FROM json_to_recordset($4) AS e (id text, event_id text, receipt_id text, type text, data jsonb)
            JOIN written AS w ON w.command_id = e.id
            WHERE e.receipt_id IS NULL OR e.receipt_id IN (
                SELECT receipt_id FROM receipt UNION ALL SELECT receipt_id FROM renumbered)
        )
        SELECT command_id FROM written
        """
}

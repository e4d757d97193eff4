import Postgres

/// The SQL of ``CommandStore``. Each statement is a transaction of its own, or a part of one round trip: no lock is ever
/// held while this process thinks, so a replica that is stopped in the middle stops nobody else.
enum CommandStatements {
    /// Existence, idempotency key and command in one: nothing is stored for a device that is not there, and a key is
    /// never kept without its effect.
    static let insert: Statement = """
        WITH device AS (
            SELECT location_id, controller_id IS NOT NULL AS controlled
            FROM org.device_directory WHERE org_id = $1 AND device_id = $2
        ), fresh AS (
            INSERT INTO dispatch.idempotency_keys AS k (org_id, key, request_sha256, status, answer, created_at)
            SELECT $1, $12, $13, 201, $14, $10 FROM device WHERE $12::text IS NOT NULL
            ON CONFLICT (org_id, key) DO UPDATE
            SET request_sha256 = excluded.request_sha256, status = excluded.status, answer = excluded.answer,
                created_at = excluded.created_at
            WHERE k.created_at < excluded.created_at - interval '24 hours'
            RETURNING 1
        ), lane AS (
            INSERT INTO dispatch.lanes (device_id, org_id) SELECT $2, $1 FROM device ON CONFLICT DO NOTHING
        ), inserted AS (
            INSERT INTO dispatch.commands (
                command_id, org_id, device_id, location_id, type, exclusive, awaited, payload, api_key_id, request_id,
                status, created_at, expires_at, updated_at)
            SELECT $3, $1, $2, location_id, $4, $5, $6, $7, $8, $9, 'pending', $10, $11, $10
            FROM device
            WHERE ($12::text IS NULL OR EXISTS (SELECT FROM fresh)) AND (controlled OR NOT $6::boolean)
            RETURNING 1
        )
        SELECT (SELECT controlled FROM device) AS controlled, EXISTS (SELECT FROM inserted) AS inserted
        """

    /// Runs after ``insert`` in the same transaction: a new snapshot, which sees the key that `insert` has waited for.
    static let answerKept: Statement = """
        SELECT request_sha256, answer FROM dispatch.idempotency_keys WHERE org_id = $1 AND key = $2
        """

    /// The oldest pending command of each device whose lane is free becomes `sent`, unless the device was deleted. Where nothing waits nothing is locked,
    /// and so nothing is written: asking costs little.
    static let claim: Statement = """
        WITH present AS (
            SELECT * FROM unnest($1::text[], $2::text[]) AS p (device_id, session)
        ), free AS (
            SELECT device_id FROM dispatch.lanes AS l
            WHERE device_id = ANY ($1) AND command_id IS NULL AND EXISTS (
                SELECT FROM dispatch.commands AS n WHERE n.device_id = l.device_id AND n.status = 'pending')
                AND EXISTS (SELECT FROM org.device_directory AS d WHERE d.device_id = l.device_id)
            FOR UPDATE SKIP LOCKED
        ), sent AS (
            UPDATE dispatch.commands AS c
            SET status = 'sent', outcome = 'unknown', attempts = c.attempts + 1, version = c.version + 1,
                session = p.session, sent_at = $3, updated_at = $3, query_at = $4
            FROM present AS p JOIN free USING (device_id) CROSS JOIN LATERAL (
                SELECT n.command_id, n.version FROM dispatch.commands AS n
                WHERE n.device_id = p.device_id AND n.status = 'pending'
                ORDER BY n.position LIMIT 1
            ) AS oldest
            WHERE c.command_id = oldest.command_id AND c.version = oldest.version AND c.expires_at > $3
            RETURNING c.*
        ), held AS (
            UPDATE dispatch.lanes AS l SET command_id = s.command_id FROM sent AS s WHERE l.device_id = s.device_id
        )
        SELECT * FROM sent
        """

    static let load: Statement = "SELECT * FROM dispatch.commands WHERE command_id = ANY ($1)"

    static let find: Statement = "SELECT * FROM dispatch.commands WHERE command_id = $1 AND org_id = $2"

    static let deviceExists: Statement = "SELECT FROM org.device_directory WHERE org_id = $1 AND device_id = $2"

    /// Two texts, because one plan cannot use both indexes.
    static let listOfOrganization = list("$2::text IS NULL")
    static let listOfDevice = list("device_id = $2")

    private static func list(_ device: String) -> Statement {
        Statement(
            """
            SELECT * FROM dispatch.commands
            WHERE org_id = $1 AND \(device) AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR type = $4)
                AND ($5::timestamptz IS NULL OR (created_at, command_id) < ($5, $6))
            ORDER BY created_at DESC, command_id DESC LIMIT $7
            """)
    }

    /// Ordered for devices that have been deleted since.
    static let orphaned = orphaned(where: "true")
    static let orphanedOfDevice = orphaned(where: "c.device_id = $2")

    private static func orphaned(where condition: String) -> Statement {
        Statement(
            """
            SELECT c.* FROM dispatch.commands AS c
            WHERE c.status = 'pending' AND \(condition) AND NOT EXISTS (
                SELECT FROM org.device_directory AS d WHERE d.org_id = c.org_id AND d.device_id = c.device_id)
            LIMIT $1
            """)
    }

    static let due: Statement = """
        SELECT * FROM dispatch.commands
        WHERE status IN ('pending', 'sent') AND expires_at <= $1
        ORDER BY expires_at LIMIT $2
        """

    static let waitingDevices: Statement = """
        SELECT DISTINCT device_id FROM dispatch.commands
        WHERE status = 'pending' AND device_id > $1
        ORDER BY device_id LIMIT $2
        """

    /// Asked again after 10 s, then ever more rarely, up to once a minute: a tenth of the command's age later. A device
    /// that was deleted never comes back to answer.
    static let takeQueries: Statement = """
        UPDATE dispatch.commands AS c
        SET query_at = CASE
            WHEN EXISTS (SELECT FROM org.device_directory AS d WHERE d.device_id = c.device_id)
            THEN $1::timestamptz
                + least(interval '1 minute', greatest(interval '10 seconds', ($1::timestamptz - created_at) / 10))
            ELSE 'infinity' END
        WHERE command_id IN (
            SELECT command_id FROM dispatch.commands
            WHERE outcome = 'unknown' AND query_at <= $1
            ORDER BY query_at LIMIT $2
            FOR UPDATE SKIP LOCKED)
        RETURNING command_id, device_id
        """

    /// What was delivered to another session than `$2`, and has not been heard of since.
    static let unknownBefore: Statement = """
        SELECT command_id FROM dispatch.commands
        WHERE device_id = $1 AND outcome = 'unknown' AND session <> $2
        LIMIT $3
        """

    static let forgetKeys: Statement = """
        DELETE FROM dispatch.idempotency_keys
        WHERE (org_id, key) IN (
            SELECT org_id, key FROM dispatch.idempotency_keys
            WHERE created_at < $1::timestamptz - interval '24 hours' LIMIT 1000)
        """

    static let refuse: Statement = """
        INSERT INTO dispatch.refused_results AS r (
            org_id, device_id, command_id, reason, answer, first_at, last_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6)
        ON CONFLICT (device_id, command_id) DO UPDATE
        SET times = r.times + 1, reason = excluded.reason, answer = excluded.answer, last_at = excluded.last_at
        """

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
        ), receipt AS (
            INSERT INTO dispatch.receipts (
                receipt_id, org_id, device_id, location_id, command_id, type, items, payments, total, vat_breakdown,
                operator_id, receipt_number, fiscal_id, fiscal_date, fiscal_series, customer_cif, qr_code, created_at)
            SELECT r.receipt_id, w.org_id, w.device_id, w.location_id, w.command_id, r.type, r.items, r.payments,
                r.total, r.vat_breakdown, r.operator_id, r.receipt_number,
                -- A register that repeats a fiscal id for another command must not make its receipt disappear.
                CASE WHEN row_number() OVER (PARTITION BY w.device_id, r.fiscal_id) = 1 AND NOT EXISTS (
                    SELECT FROM dispatch.receipts AS o
                    WHERE o.device_id = w.device_id AND o.fiscal_id = r.fiscal_id AND o.command_id IS NOT NULL
                ) THEN r.fiscal_id END,
                r.fiscal_date, r.fiscal_series, r.customer_cif, r.qr_code, $5
            FROM json_to_recordset($2) AS r (
                id text, receipt_id text, type text, items jsonb, payments jsonb, total numeric, vat_breakdown jsonb,
                operator_id text, receipt_number text, fiscal_id text, fiscal_date timestamptz, fiscal_series text,
                customer_cif text, qr_code text)
            JOIN written AS w ON w.command_id = r.id
            ON CONFLICT DO NOTHING
            RETURNING receipt_id
        ), event AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, created_at, data)
            SELECT e.event_id, w.org_id, e.type, w.request_id, $5, e.data
            FROM json_to_recordset($4) AS e (id text, event_id text, receipt_id text, type text, data jsonb)
            JOIN written AS w ON w.command_id = e.id
            WHERE e.receipt_id IS NULL OR EXISTS (SELECT FROM receipt AS r WHERE r.receipt_id = e.receipt_id)
        )
        SELECT command_id FROM written
        """
}

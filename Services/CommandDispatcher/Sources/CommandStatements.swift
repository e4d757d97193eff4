import Postgres

/// The SQL of ``CommandStore``. Each statement is a transaction of its own, or a part of one round trip: no lock is ever
/// held while this process thinks, so a replica that is stopped in the middle stops nobody else.
enum CommandStatements {
    /// Existence, idempotency key and command in one: nothing is stored for a device that is not there, and a key is
    /// never kept without its effect.
    static let insert = Statement(
        """
        WITH device AS (
            SELECT location_id, controller_id IS NOT NULL AS controlled
            FROM org.device_directory WHERE org_id = $1 AND device_id = $2
        ), fresh AS (
            \(Idempotency.claim(
                orgId: "$1", at: "$10", key: "$12", requestSHA256: "$13", status: "$14", answer: "$15",
                from: "FROM device WHERE $12::text IS NOT NULL"))
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
        """)

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
                AND (created_at, command_id) < (coalesce($5::timestamptz, 'infinity'), coalesce($6, ''))
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

    /// Each by the index that holds such rows only. A device that was deleted tells nothing any more.
    static let open: Statement = """
        SELECT 'pending' AS state, count(*), min(created_at) AS oldest FROM dispatch.commands WHERE status = 'pending'
        UNION ALL
        SELECT 'sent', count(*), min(created_at) FROM dispatch.commands WHERE status = 'sent'
        UNION ALL
        SELECT 'unknown', count(*), min(created_at) FROM dispatch.commands
        WHERE outcome = 'unknown' AND status = 'timeout' AND query_at < 'infinity'
        """

    static let forgetKeys: Statement = """
        DELETE FROM dispatch.idempotency_keys
        WHERE (org_id, key) IN (
            SELECT org_id, key FROM dispatch.idempotency_keys
            WHERE created_at < $1::timestamptz - interval '24 hours' LIMIT $2)
        RETURNING 1
        """

    static let refuse: Statement = """
        INSERT INTO dispatch.refused_results AS r (
            org_id, device_id, command_id, reason, answer, first_at, last_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6)
        ON CONFLICT (device_id, command_id) DO UPDATE
        SET times = r.times + 1, reason = excluded.reason, answer = excluded.answer, last_at = excluded.last_at
        """
}

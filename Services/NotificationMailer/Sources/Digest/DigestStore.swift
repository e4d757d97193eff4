import EventLoop
import JSON
import Models
import Postgres

/// Makes the digests of a week, once for each organization, however many mailers there are and whenever they run.
@Loop struct DigestStore {
    private static let atOnce = 20

    let pool: PostgresPool

    /// Makes what is still to be made of the last week that is over; true if that was something.
    func make(at now: Timestamp) async throws -> Bool {
        let week = DigestWeek(dueAt: now)
        _ = try await pool.query(
            "INSERT INTO mailer.digests (monday) VALUES ($1::date) ON CONFLICT DO NOTHING", [week.monday])
        var isAnything = false
        while try await makeSome(week, at: now) { isAnything = true }
        return isAnything
    }

    /// The figures are added up before anything is written: an open transaction that writes holds back every event.
    private func makeSome(_ week: DigestWeek, at now: Timestamp) async throws -> Bool {
        let cursor = try await pool.query(
            "SELECT after_org FROM mailer.digests WHERE monday = $1::date AND finished_at IS NULL", [week.monday])
        guard let done = try cursor.first?.string("after_org") else { return false }
        let rows = try await pool.query(
            Self.figures,
            [done, Self.atOnce, week.before, week.from, week.to, week.from.description, week.to.description],
            deadline: .seconds(60))
        let organizations = try rows.map { try $0.string("org_id") }
        let digests = try rows.compactMap { row -> JSON? in
            guard try row.bool("has_devices") else { return nil }
            return [
                "org_id": .string(try row.string("org_id")), "event_id": .string("digest_\(week.monday)"),
                "topic": .string("digest/\(week.monday)"), "data": try row.json("digest"),
            ]
        }
        _ = try await pool.query(
            Self.write,
            [
                week.monday, done, organizations.last ?? done, organizations.count < Self.atOnce, now,
                JSON.array(digests), MailKind.digest.rawValue, MailKind.digest.category?.rawValue,
            ])
        return true
    }

    private static let figures = Statement(
        """
        WITH orgs AS (
            SELECT DISTINCT org_id FROM org.notification_recipients
            WHERE category = '\(NotificationCategory.analytics.rawValue)' AND org_id > $1 ORDER BY org_id LIMIT $2),
        sums AS (
            SELECT o.org_id, r.device_id, r.issued_at >= $4 AS is_week, count(*) AS receipts,
                coalesce(sum(r.total) FILTER (WHERE r.type = 'sale'), 0) AS sales,
                coalesce(sum(abs(r.total)) FILTER (WHERE r.type <> 'sale'), 0) AS returns
            FROM orgs o
            JOIN dispatch.issued_receipts r
                ON r.org_id = o.org_id AND r.issued_at >= $3 AND r.issued_at < $5
            GROUP BY o.org_id, r.device_id, is_week),
        weeks AS (
            SELECT o.org_id, w.is_week, jsonb_build_object(
                'receipts', coalesce(sum(s.receipts), 0), 'sales', coalesce(sum(s.sales), 0),
                'returns', coalesce(sum(s.returns), 0)) AS figures
            FROM orgs o CROSS JOIN (VALUES (true), (false)) AS w (is_week)
            LEFT JOIN sums s ON s.org_id = o.org_id AND s.is_week = w.is_week
            GROUP BY o.org_id, w.is_week)
        SELECT o.org_id,
            EXISTS (SELECT FROM org.device_directory d WHERE d.org_id = o.org_id) AS has_devices,
            jsonb_build_object(
                'from', $6::text, 'to', $7::text, 'week', this.figures, 'weekBefore', last.figures,
                'devices', coalesce((
                    SELECT jsonb_agg(
                        jsonb_build_object(
                            'name', coalesce(d.name, s.device_id), 'figures', jsonb_build_object(
                                'receipts', s.receipts, 'sales', s.sales, 'returns', s.returns))
                        ORDER BY s.receipts DESC, s.device_id)
                    FROM sums s
                    LEFT JOIN org.device_directory d ON d.org_id = s.org_id AND d.device_id = s.device_id
                    WHERE s.org_id = o.org_id AND s.is_week), '[]')) AS digest
        FROM orgs o
        JOIN weeks this ON this.org_id = o.org_id AND this.is_week
        JOIN weeks last ON last.org_id = o.org_id AND NOT last.is_week
        ORDER BY o.org_id
        """)

    /// Nothing, if another mailer has come so far meanwhile.
    private static let write: Statement = """
        WITH turn AS (
            UPDATE mailer.digests
            SET after_org = $3, finished_at = CASE WHEN $4 THEN $5::timestamptz END
            WHERE monday = $1::date AND after_org = $2 AND finished_at IS NULL
            RETURNING monday)
        INSERT INTO mailer.jobs (
            job_id, org_id, event_id, recipient, kind, category, topic, data, wanted_at, due_at, expires_at)
        SELECT 'mail_' || replace(gen_random_uuid()::text, '-', ''), n.org_id, n.event_id || '_' || n.org_id, p.email,
            $7, $8, n.topic, n.data, $5, $5, $5::timestamptz + interval '24 hours'
        FROM turn
        CROSS JOIN json_to_recordset($6::json) AS n (org_id text, event_id text, topic text, data jsonb)
        JOIN org.notification_recipients p ON p.org_id = n.org_id AND p.category = $8
        ON CONFLICT (event_id, recipient) DO NOTHING
        """
}

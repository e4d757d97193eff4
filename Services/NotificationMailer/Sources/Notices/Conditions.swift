import JSON
import Models
import Postgres

/// The statements on what holds and on the mails that say so. Rows of one topic are locked first in `mailer.raised`, so
/// that what is being mailed at this moment is found when it passes.
enum Conditions {
    /// What was mailed a short while ago is not mailed again: it comes and goes.
    static let damping = Duration.seconds(15 * 60)

    static func raise(_ conditions: [RaisedCondition]) -> BoundStatement {
        let rows = conditions.map { condition -> JSON in
            [
                "org_id": .string(condition.topic.orgId.rawValue), "topic": .string(condition.topic.text),
                "device_id": .string(condition.topic.deviceId.rawValue), "kind": .string(condition.kind.rawValue),
                "category": .string(condition.kind.category?.rawValue),
                "event_id": .string(condition.event.id.rawValue), "data": condition.event.data,
                "request_id": .string(condition.event.requestId), "due_at": .string(condition.dueAt.description),
                "since": .string(condition.since?.description),
            ]
        }
        return (raise, [JSON.array(rows), damping.milliseconds])
    }

    static func clear(_ conditions: [ClearedCondition], at now: Timestamp) -> [BoundStatement] {
        let rows = conditions.map { condition -> JSON in
            [
                "org_id": .string(condition.topic.orgId.rawValue), "topic": .string(condition.topic.text),
                "kind": .string(condition.kind.rawValue), "event_id": .string(condition.event.id.rawValue),
                "data": condition.event.data, "request_id": .string(condition.event.requestId),
            ]
        }
        return [(disarm, [JSON.array(rows)]), (follow, [JSON.array(rows), now])]
    }

    /// Makes mails of what is due; the answer has a row for each condition.
    static func tell(_ limit: Int, at now: Timestamp) -> BoundStatement { (tell, [now, limit]) }

    static func forget(_ device: DeviceID, of organization: OrgID, at now: Timestamp) -> [BoundStatement] {
        let topics = "\(device)/"
        return [
            ("DELETE FROM mailer.raised WHERE org_id = $1 AND starts_with(topic, $2)", [organization, topics]),
            (
                """
                UPDATE mailer.jobs
                SET stands = false,
                    status = CASE WHEN status = 'pending' AND claim IS NULL THEN 'withdrawn' ELSE status END,
                    finished_at = CASE WHEN status = 'pending' AND claim IS NULL THEN $3 ELSE finished_at END
                WHERE org_id = $1 AND starts_with(topic, $2) AND stands
                """, [organization, topics, now]
            ),
        ]
    }

    private static let raise: Statement = """
        INSERT INTO mailer.raised AS r (
            org_id, topic, raised_at, holds, kind, category, event_id, data, request_id, due_at)
        SELECT n.org_id, n.topic, '-infinity', true, n.kind, n.category, n.event_id, n.data, n.request_id,
            greatest(n.due_at, (
                SELECT d.created_at + interval '24 hours' FROM org.device_directory d
                WHERE d.org_id = n.org_id AND d.device_id = n.device_id AND d.created_at = n.since))
        FROM json_to_recordset($1::json) AS n (
            org_id text, topic text, device_id text, kind text, category text, event_id text, data jsonb,
            request_id text, due_at timestamptz, since timestamptz)
        ON CONFLICT (org_id, topic) DO UPDATE SET
            holds = true, kind = excluded.kind, category = excluded.category, event_id = excluded.event_id, data = excluded.data,
            request_id = excluded.request_id,
            due_at = greatest(excluded.due_at, r.raised_at + $2 * interval '1 millisecond')
        WHERE NOT r.holds
        """

    private static let disarm: Statement = """
        UPDATE mailer.raised r SET due_at = NULL, holds = false
        FROM json_to_recordset($1::json) AS c (org_id text, topic text)
        WHERE r.org_id = c.org_id AND r.topic = c.topic
        """

    /// What nobody has been told of is not told any more; what is being told at this moment, or was, is followed.
    private static let follow: Statement = """
        WITH over AS (
            UPDATE mailer.jobs j
            SET stands = false,
                status = CASE WHEN j.status = 'pending' AND j.claim IS NULL THEN 'withdrawn' ELSE j.status END,
                finished_at = CASE WHEN j.status = 'pending' AND j.claim IS NULL THEN $2 ELSE j.finished_at END
            FROM json_to_recordset($1::json) AS c (
                org_id text, topic text, kind text, event_id text, data jsonb, request_id text)
            WHERE j.org_id = c.org_id AND j.topic = c.topic AND j.stands
            RETURNING j.job_id, j.recipient, j.category, j.status, j.data AS raised, c.*)
        INSERT INTO mailer.jobs (
            job_id, org_id, event_id, recipient, kind, category, topic, data, request_id, wanted_at, due_at,
            expires_at, follows)
        SELECT 'mail_' || replace(gen_random_uuid()::text, '-', ''), o.org_id, o.event_id, o.recipient, o.kind,
            o.category, o.topic, jsonb_build_object('raised', o.raised, 'cleared', o.data), o.request_id, $2, $2,
            $2::timestamptz + interval '24 hours', o.job_id
        FROM over o WHERE o.status IN ('sent', 'pending')
        ON CONFLICT (event_id, recipient) DO NOTHING
        """

    private static let tell: Statement = """
        WITH due AS (
            SELECT org_id, topic FROM mailer.raised WHERE due_at <= $1
            ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED),
        told AS (
            UPDATE mailer.raised r SET due_at = NULL, raised_at = $1
            FROM due WHERE r.org_id = due.org_id AND r.topic = due.topic
            RETURNING r.*),
        mailed AS (
            INSERT INTO mailer.jobs (
                job_id, org_id, event_id, recipient, kind, category, topic, data, request_id, wanted_at, due_at,
                expires_at, stands)
            SELECT 'mail_' || replace(gen_random_uuid()::text, '-', ''), t.org_id, t.event_id, p.email, t.kind,
                t.category, t.topic, t.data, t.request_id, $1, $1, $1::timestamptz + interval '24 hours', true
            FROM told t
            JOIN org.notification_recipients p ON p.org_id = t.org_id AND p.category = t.category
            WHERE EXISTS (
                SELECT FROM org.device_directory d
                WHERE d.org_id = t.org_id AND d.device_id = split_part(t.topic, '/', 1))
            ON CONFLICT (event_id, recipient) DO NOTHING)
        SELECT topic FROM told
        """
}

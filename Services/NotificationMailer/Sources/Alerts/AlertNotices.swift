import Bus
import JSON
import Models
import Postgres

/// Makes jobs of raised alerts, and withdraws those that a cleared alert or the end of the device has made pointless.
enum AlertNotices {
    static func changed(_ event: OutboxEvent) throws -> [BoundStatement] {
        let change = try event.data.decode(DeviceAlertChanged.self)
        return [change.state == .raised ? raised(change, event) : cleared(change, event)]
    }

    static func deleted(_ event: OutboxEvent) throws -> [BoundStatement] {
        forgotten(try event.data.decode(DeviceDeleted.self).deviceId, event)
    }

    /// At most one mail in 15 minutes for one alert of one device. An alert that has held since the device was
    /// created, such as a Z report that never came, is nobody's news before a day has passed.
    private static func raised(_ change: DeviceAlertChanged, _ event: OutboxEvent) -> BoundStatement {
        (
            """
            WITH news AS (
                INSERT INTO mailer.raised AS r (org_id, topic, raised_at) VALUES ($1, $2, $3)
                ON CONFLICT (org_id, topic) DO UPDATE SET raised_at = excluded.raised_at
                WHERE r.raised_at <= excluded.raised_at - interval '15 minutes'
                RETURNING raised_at),
            due AS (
                SELECT coalesce(
                    (SELECT greatest(raised_at, created_at + interval '24 hours') FROM org.device_directory
                     WHERE org_id = $1 AND device_id = $7 AND created_at = $8),
                    raised_at) AS at
                FROM news)
            INSERT INTO mailer.jobs (
                job_id, org_id, event_id, recipient, kind, topic, data, request_id, wanted_at, due_at, expires_at)
            SELECT 'mail_' || replace(gen_random_uuid()::text, '-', ''), $1, $4, p.email, $9, $2, $5, $6, due.at, due.at,
                due.at + interval '24 hours'
            FROM org.notification_recipients p, due
            WHERE p.org_id = $1 AND p.category = 'alerts'
            ON CONFLICT (event_id, recipient) DO NOTHING
            """,
            [
                event.orgId, topic(of: change), event.createdAt, event.id, event.data, event.requestId,
                change.deviceId, change.alert.detectedAt, MailKind.alertRaised.rawValue,
            ]
        )
    }

    /// What has not been tried yet and is not to go out before some time to come.
    private static func cleared(_ change: DeviceAlertChanged, _ event: OutboxEvent) -> BoundStatement {
        (
            """
            UPDATE mailer.jobs SET status = 'withdrawn', finished_at = now()
            WHERE org_id = $1 AND topic = $2 AND status = 'pending' AND attempts = 0 AND due_at > now()
            """, [event.orgId, topic(of: change)]
        )
    }

    /// Nobody is told any more of a device that was deleted.
    private static func forgotten(_ device: DeviceID, _ event: OutboxEvent) -> [BoundStatement] {
        let values: [(any PostgresValue)?] = [event.orgId, "\(device)/"]
        return [
            (
                """
                UPDATE mailer.jobs SET status = 'withdrawn', finished_at = now()
                WHERE org_id = $1 AND starts_with(topic, $2) AND status = 'pending' AND attempts = 0 AND due_at > now()
                """, values
            ),
            ("DELETE FROM mailer.raised WHERE org_id = $1 AND starts_with(topic, $2)", values),
        ]
    }

    private static func topic(of change: DeviceAlertChanged) -> String {
        "\(change.deviceId)/\(change.alert.type.rawValue)"
    }
}

import Bus
import JSON
import Models
import Postgres

/// Mails of what has happened and cannot pass, to all who subscribe to their category.
enum Letters {
    /// - Parameters:
    ///   - source: what the mail is made of: of several events with the same source only the first is mailed.
    ///   - topic: what it is about, beginning with the device if it is about one.
    static func statement(
        _ kind: MailKind, of event: OutboxEvent, source: String, topic: String, data: JSON, at now: Timestamp
    ) -> BoundStatement {
        (
            statement,
            [
                event.orgId, source, kind.rawValue, kind.category?.rawValue, topic, data, event.requestId, now,
            ]
        )
    }

    private static let statement: Statement = """
        INSERT INTO mailer.jobs (
            job_id, org_id, event_id, recipient, kind, category, topic, data, request_id, wanted_at, due_at, expires_at)
        SELECT 'mail_' || replace(gen_random_uuid()::text, '-', ''), $1, $2, p.email, $3, $4, $5, $6, $7, $8, $8,
            $8::timestamptz + interval '24 hours'
        FROM org.notification_recipients p
        WHERE p.org_id = $1 AND p.category = $4
        ON CONFLICT (event_id, recipient) DO NOTHING
        """
}

import Bus
import Models
import Postgres

/// Makes jobs of links. What rests in a job is the link's id; its secret is made when the mail is written.
enum LinkNotices {
    /// Anybody can have mails sent to anybody's address: so many of a kind are enough for an hour. What is more waits
    /// until the first of them is an hour old, because the links of those that were sent may lead nowhere by now.
    private static let mostPerHour = 10

    static func invitation(_ event: OutboxEvent) throws -> [BoundStatement] {
        let invitation = try event.data.decode(InvitationIssued.self)
        let topic = "invitation/\(invitation.invitationId)"
        return [
            replaced(topic, event),
            mail(.invitation, to: invitation.email, topic: topic, until: invitation.expiresAt, event),
        ]
    }

    static func passwordReset(_ event: OutboxEvent) throws -> [BoundStatement] {
        let reset = try event.data.decode(PasswordResetRequested.self)
        let topic = "password_reset/\(reset.linkId)"
        return [mail(.passwordReset, to: reset.email, topic: topic, until: reset.expiresAt, event)]
    }

    /// The link of an earlier mail leads nowhere any more.
    private static func replaced(_ topic: String, _ event: OutboxEvent) -> BoundStatement {
        (
            """
            UPDATE mailer.jobs
            SET stands = false, status = CASE WHEN claim IS NULL THEN 'withdrawn' ELSE status END,
                finished_at = CASE WHEN claim IS NULL THEN now() END
            WHERE org_id = $1 AND topic = $2 AND status = 'pending'
            """, [event.orgId, topic]
        )
    }

    /// After its link has expired a mail is of no use.
    private static func mail(
        _ kind: MailKind, to recipient: String, topic: String, until expiry: Timestamp, _ event: OutboxEvent
    ) -> BoundStatement {
        (
            """
            INSERT INTO mailer.jobs (
                job_id, org_id, event_id, recipient, kind, topic, data, request_id, wanted_at, due_at, expires_at)
            SELECT 'mail_' || replace(gen_random_uuid()::text, '-', ''), $1, $2, $3, $4, $5, $6, $7, free_at, free_at,
                least(free_at + interval '24 hours', $9)
            FROM (
                SELECT greatest($8::timestamptz, (
                    SELECT wanted_at + interval '1 hour' FROM mailer.jobs
                    WHERE lower(recipient) = lower($3) AND kind = $4 AND status <> 'withdrawn'
                        AND wanted_at > $8::timestamptz - interval '1 hour'
                    ORDER BY wanted_at DESC
                    OFFSET $10 - 1 LIMIT 1)) AS free_at
            ) mailbox
            ON CONFLICT (event_id, recipient) DO NOTHING
            """,
            [
                event.orgId, event.id, recipient, kind.rawValue, topic, event.data, event.requestId, event.createdAt,
                expiry, mostPerHour,
            ]
        )
    }
}

import Bus
import Models

enum BillingNotices {
    static func notice(_ kind: MailKind, of event: OutboxEvent, at now: Timestamp) -> Notice {
        .statements([
            Letters.statement(
                kind, of: event, source: event.id.rawValue, topic: "billing/\(kind.rawValue)", data: event.data, at: now
            )
        ])
    }
}

import Postgres

/// Writes events into the outbox, in the transaction that changes the state.
package enum Outbox {
    /// The statement that writes `events`, to be added to a transaction or to ``PostgresPool/atomically(_:deadline:)``;
    /// publish `OutboxGrew` once that is committed. Without events it does nothing.
    package static func statement(_ events: [OutboxEvent]) -> BoundStatement {
        (
            insert,
            [
                events.map(\.id), events.map(\.orgId), events.map(\.type), events.map(\.requestId),
                events.map(\.createdAt), events.map(\.data),
            ]
        )
    }

    /// The statement that writes one event.
    package static func statement(_ event: OutboxEvent) -> BoundStatement { statement([event]) }

    private static let insert: Statement = """
        INSERT INTO bus.outbox (event_id, org_id, type, request_id, created_at, data)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[])
        """
}

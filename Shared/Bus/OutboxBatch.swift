import Postgres

/// What one turn of a consumer has read.
struct OutboxBatch {
    /// Where the cursor stands.
    let cursor: OutboxPosition
    /// How often the first event has failed.
    let failures: Int
    let events: [OutboxEvent]
    let positions: [OutboxPosition]
    /// Further events are committed, but transactions that began earlier have to end first.
    let hidesMore: Bool

    /// Nil when the cursor is not to be had.
    init?(cursor: PostgresRows, events rows: PostgresRows, hidden: PostgresRows) throws(PostgresError) {
        guard let row = cursor.first else { return nil }
        hidesMore = try hidden.first?.bool("is_hidden") ?? false
        self.cursor = OutboxPosition(xid: try row.value("xid"), id: try row.value("id"))
        failures = try row.int("failures")
        var events: [OutboxEvent] = []
        var positions: [OutboxPosition] = []
        for row in rows {
            events.append(try OutboxEvent(row))
            positions.append(OutboxPosition(xid: try row.value("xid"), id: try row.value("id")))
        }
        self.events = events
        self.positions = positions
    }
}

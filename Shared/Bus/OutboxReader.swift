import EventLoop
import Models
import Postgres

/// An event as it is read for others to see: its data as the text that it is stored as.
package struct WrittenEvent: Sendable {
    /// The place that follows it.
    package let position: OutboxPosition
    /// The id that clients resume from.
    package let id: EventID
    /// Whose event it is.
    package let orgId: OrgID
    /// The type's name.
    package let type: EventType
    /// When it happened.
    package let createdAt: Timestamp
    /// JSON text.
    package let data: String

    /// All members.
    package init(
        position: OutboxPosition, id: EventID, orgId: OrgID, type: EventType, createdAt: Timestamp, data: String
    ) {
        self.position = position
        self.id = id
        self.orgId = orgId
        self.type = type
        self.createdAt = createdAt
        self.data = data
    }

    init(_ row: PostgresRow) throws(PostgresError) {
        position = try OutboxPosition(row)
        id = try row.value("event_id")
        orgId = try row.value("org_id")
        type = try row.raw("type")
        createdAt = try row.value("created_at")
        data = try row.string("data")
    }
}

/// Reads the outbox for readers that keep their place themselves, and to whom nothing is done exactly once: in commit
/// order, without moving anybody's cursor.
@Loop package struct OutboxReader {
    /// For how long a reader may come back to an event; the rows are kept for an hour longer, so that whoever begins to
    /// read in time is not overtaken by their deletion.
    package static let memory = Duration.seconds(24 * 3600)

    /// What is new behind a position.
    package struct News: Sendable {
        /// In commit order.
        package let events: [WrittenEvent]
        /// After all of them, and after everything else that was looked through.
        package let position: OutboxPosition
        /// The limit was reached: there may be more.
        package let isFull: Bool
        /// Events are committed that cannot be read yet, because an earlier transaction still runs: look again soon.
        package let isHeldBack: Bool
        /// The position lies ahead of the database, which therefore is not the one that gave it, or an earlier state of
        /// it (a backup, a standby that was behind): events may be missing, and new ones may never come to the position.
        package let hasGoneBack: Bool
    }

    private let pool: PostgresPool

    /// A reader over `pool`, whose role may read `bus.outbox`.
    package init(_ pool: PostgresPool) { self.pool = pool }

    /// The present end of the outbox: whatever is committed from now on comes behind it.
    package func end() async throws(PostgresError) -> OutboxPosition {
        OutboxPosition(before: try await pool.query(Self.snapshot)[0].value("xmin"))
    }

    /// The present end, and the place of an organization's event; nil for one that is unknown, another organization's,
    /// or older than ``memory``.
    package func place(
        of event: EventID, in organization: OrgID
    ) async throws(PostgresError) -> (end: OutboxPosition, event: OutboxPosition?) {
        let answers = try await pool.atomically([
            (Self.snapshot, []), (Self.place, [event, organization, Self.memory.milliseconds]),
        ])
        var position: OutboxPosition?
        if let row = answers[1].first { position = try OutboxPosition(row) }
        return (OutboxPosition(before: try answers[0][0].value("xmin")), position)
    }

    /// What some organizations have behind `position`, of these types only, among the next `limit` events of all.
    package func news(
        after position: OutboxPosition, of organizations: Set<OrgID>, types: [EventType], limit: Int
    ) async throws(PostgresError) -> News {
        // Where many are named, it costs less to hear of all.
        let named = organizations.count > Self.mostNamed ? nil : Array(organizations)
        let answers = try await pool.atomically([
            (Self.snapshot, []), (Self.news, [position.xid, position.id, named, types.map(\.rawValue), limit]),
        ])
        let rows = answers[1]
        var events: [WrittenEvent] = []
        for row in rows where try row.bool("is_wanted") { events.append(try WrittenEvent(row)) }
        // Taken before the events were read: by then everything below it was to be seen.
        let end = OutboxPosition(before: try answers[0][0].value("xmin"))
        let last = try rows.last.map { row throws(PostgresError) in try OutboxPosition(row) } ?? position
        let isFull = rows.count == limit
        return News(
            events: events, position: isFull ? last : max(last, max(position, end)), isFull: isFull,
            isHeldBack: try answers[0][0].bool("is_held_back"), hasGoneBack: end < position)
    }

    /// What an organization has between two places, of these types only, at most `limit` events. `through` must be a
    /// place that ``news(after:of:types:limit:)`` or ``end()`` has given.
    package func events(
        after position: OutboxPosition, through end: OutboxPosition, of organization: OrgID, types: [EventType],
        limit: Int
    ) async throws(PostgresError) -> [WrittenEvent] {
        try await pool.query(
            Self.range,
            [position.xid, position.id, end.xid, end.id, organization, types.map(\.rawValue), limit]
        ).map { row throws(PostgresError) in try WrittenEvent(row) }
    }

    private static let mostNamed = 200

    /// The newest event tells whether any is held back: to look for one would read the table.
    static let snapshot: Statement = """
        SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin,
            coalesce(
                (SELECT xid FROM bus.outbox ORDER BY xid DESC, id DESC LIMIT 1)
                    >= pg_snapshot_xmin(pg_current_snapshot()), false) AS is_held_back
        """

    private static let place: Statement = """
        SELECT xid, id FROM bus.outbox
        WHERE event_id = $1 AND org_id = $2 AND created_at > now() - $3 * interval '1 millisecond'
        """

    /// What nobody asked for is left out behind the limit, not before it: so that the index gives the rows in order, and
    /// their number is bounded.
    static let news: Statement = """
        SELECT xid, id, event_id, org_id, type, created_at, is_wanted, CASE WHEN is_wanted THEN data END AS data
        FROM (
            SELECT *, type = ANY ($4::text[]) AND ($3::text[] IS NULL OR org_id = ANY ($3::text[])) AS is_wanted
            FROM bus.outbox
            WHERE (xid, id) > ($1::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY xid, id LIMIT $5::bigint) AS news
        ORDER BY xid, id
        """

    static let range: Statement = """
        SELECT xid, id, event_id, org_id, type, created_at, data FROM bus.outbox
        WHERE (xid, id) > ($1::xid8, $2::bigint) AND (xid, id) <= ($3::xid8, $4::bigint)
            AND org_id = $5 AND type = ANY ($6::text[])
        ORDER BY xid, id LIMIT $7::bigint
        """
}

extension OutboxPosition {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(xid: try row.value("xid"), id: try row.value("id"))
    }
}

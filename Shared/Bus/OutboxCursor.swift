import Postgres

/// The statements on one consumer's row of `bus.cursor`.
struct OutboxCursor {
    let consumer: String

    var create: BoundStatement {
        ("INSERT INTO bus.cursor (consumer, xid, id) VALUES ($1, '0', 0) ON CONFLICT DO NOTHING", [consumer])
    }

    /// Empty while another replica handles a batch, or the pause after a failure lasts.
    var lock: BoundStatement {
        (
            """
            SELECT xid, id, failures FROM bus.cursor
            WHERE consumer = $1 AND retry_at <= now() FOR UPDATE SKIP LOCKED
            """, [consumer]
        )
    }

    /// Empty while a replica handles a batch. Nobody waits for this lock: transactions that have had it one after the
    /// other have their ids, which order the outbox, in the same order.
    var hold: BoundStatement {
        ("SELECT consumer FROM bus.cursor WHERE consumer = $1 FOR UPDATE SKIP LOCKED", [consumer])
    }

    /// What follows the cursor, in commit order; a single event where one has failed.
    func next(_ limit: Int) -> BoundStatement {
        (
            """
            SELECT xid, id, event_id, org_id, type, request_id, created_at, data FROM bus.outbox
            WHERE (xid, id) > (
                    (SELECT xid FROM bus.cursor WHERE consumer = $1), (SELECT id FROM bus.cursor WHERE consumer = $1))
                AND xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY xid, id
            LIMIT (SELECT CASE WHEN failures > 0 THEN 1 ELSE $2::bigint END FROM bus.cursor WHERE consumer = $1)
            """, [consumer, limit]
        )
    }

    /// Whether events are committed that have to wait, because transactions that began before theirs are under way. The
    /// newest event tells, which the end of the index has; to look for any such would read the table.
    var hidden: BoundStatement {
        (
            """
            SELECT coalesce(
                (SELECT xid FROM bus.outbox ORDER BY xid DESC, id DESC LIMIT 1)
                    >= pg_snapshot_xmin(pg_current_snapshot()), false) AS is_hidden
            """, []
        )
    }

    /// The age of the first event behind the cursor, whether or not it can be read yet; no row without one.
    var backlog: BoundStatement {
        (
            """
            SELECT (1000 * extract(epoch FROM now() - created_at))::bigint AS milliseconds FROM bus.outbox
            WHERE (xid, id) > (
                (SELECT xid FROM bus.cursor WHERE consumer = $1), (SELECT id FROM bus.cursor WHERE consumer = $1))
            ORDER BY xid, id LIMIT 1
            """, [consumer]
        )
    }

    func advance(to position: OutboxPosition) -> BoundStatement {
        (
            """
            UPDATE bus.cursor SET xid = $2::xid8, id = $3, failures = 0, retry_at = '-infinity', moved_at = now()
            WHERE consumer = $1
            """, [consumer, position.xid, position.id]
        )
    }

    /// Counts a failure, unless the cursor has been moved meanwhile.
    func postpone(at position: OutboxPosition, by delay: Duration) -> BoundStatement {
        (
            """
            UPDATE bus.cursor SET failures = failures + 1, retry_at = now() + $4 * interval '1 millisecond'
            WHERE consumer = $1 AND xid = $2::xid8 AND id = $3
            """, [consumer, position.xid, position.id, delay.milliseconds]
        )
    }

    /// Sets an event aside and moves on, unless the cursor has been moved meanwhile.
    func park(_ event: OutboxEvent, at position: OutboxPosition, from: OutboxPosition, error: String) -> BoundStatement
    {
        (
            """
            WITH moved AS (
                UPDATE bus.cursor SET xid = $2::xid8, id = $3, failures = 0, retry_at = '-infinity', moved_at = now()
                WHERE consumer = $1 AND xid = $4::xid8 AND id = $5 RETURNING consumer)
            INSERT INTO bus.parked (consumer, event_id, org_id, type, data, error)
            SELECT consumer, $6, $7, $8, $9, $10 FROM moved ON CONFLICT DO NOTHING
            """,
            [
                consumer, position.xid, position.id, from.xid, from.id, event.id, event.orgId, event.type, event.data,
                error,
            ]
        )
    }
}

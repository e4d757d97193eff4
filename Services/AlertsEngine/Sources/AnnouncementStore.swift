import Bus
import JSON
import Models
import Postgres

/// What has been announced, and when each device is due. All of it works inside a transaction that holds the rows of
/// the devices in `alerts.schedule`.
enum AnnouncementStore {
    /// A device is looked at this often though nothing has happened: the state of a gateway that died with nobody left
    /// to say so turns with the clock.
    static let longestRest = Duration.seconds(3600)

    /// Locks the devices, in one order for all; of those that are unknown a row is made.
    static func lock(_ occasions: [Occasion]) -> [BoundStatement] {
        let devices = occasions.map(\.deviceId)
        return [
            (
                """
                INSERT INTO alerts.schedule (device_id, org_id, due_at)
                SELECT device_id, org_id, now() FROM unnest($1::text[], $2::text[]) AS t (device_id, org_id)
                ORDER BY device_id
                ON CONFLICT DO NOTHING
                """, [devices, occasions.map(\.orgId)]
            ),
            ("SELECT FROM alerts.schedule WHERE device_id = ANY($1) ORDER BY device_id FOR UPDATE", [devices]),
        ]
    }

    /// Locks the devices whose time has come and which nobody else holds. `now()` stands still within a transaction,
    /// so that the index says which they are.
    static func lockDue(_ limit: Int) -> BoundStatement {
        (
            """
            SELECT device_id, org_id FROM alerts.schedule WHERE due_at <= now()
            ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
            """, [limit]
        )
    }

    /// How long no device is due.
    static let untilNext: BoundStatement = (
        "SELECT ceil(extract(epoch FROM min(due_at) - now()) * 1000)::bigint AS milliseconds FROM alerts.schedule", []
    )

    /// Makes devices due of which nothing is known yet.
    static func adopt(_ limit: Int) -> BoundStatement {
        (
            """
            INSERT INTO alerts.schedule (device_id, org_id, due_at)
            SELECT device_id, org_id, now() FROM org.device_directory d
            WHERE NOT EXISTS (SELECT FROM alerts.schedule s WHERE s.device_id = d.device_id)
            ORDER BY device_id LIMIT $1
            ON CONFLICT DO NOTHING
            """, [limit]
        )
    }

    /// Makes devices due whose due time was written when the clock was ahead.
    static let bringForward: BoundStatement = (
        """
        WITH late AS (
            SELECT device_id FROM alerts.schedule WHERE due_at > now() + $1 * interval '1 second'
            FOR UPDATE SKIP LOCKED
        )
        UPDATE alerts.schedule s SET due_at = now() FROM late WHERE s.device_id = late.device_id
        """, [longestRest.components.seconds]
    )

    static func facts(_ devices: [DeviceID]) -> BoundStatement {
        (DeviceStore.selection(where: "d.device_id = ANY($1)"), [devices])
    }

    /// What was announced, with the names that the devices have now.
    static func announced(_ devices: [DeviceID]) -> BoundStatement {
        (
            """
            SELECT a.alert || jsonb_build_object('deviceName', coalesce(d.name, a.alert ->> 'deviceName')) AS alert
            FROM alerts.announced a
            LEFT JOIN org.device_directory d ON d.device_id = a.device_id AND d.org_id = a.org_id
            WHERE a.device_id = ANY($1) ORDER BY a.device_id, a.type
            """, [devices]
        )
    }

    /// The database's clock, so that replicas whose own differ do not contradict each other.
    static let clock: BoundStatement = ("SELECT clock_timestamp() AS now", [])

    static func forget(_ devices: [DeviceID]) -> BoundStatement {
        ("DELETE FROM alerts.schedule WHERE device_id = ANY($1)", [devices])
    }

    /// A time to come that is early enough is left: a look too many costs less than a row written at every event.
    static func schedule(_ due: [(device: DeviceID, at: Timestamp)], at now: Timestamp) -> BoundStatement {
        (
            """
            UPDATE alerts.schedule s SET due_at = t.due_at
            FROM unnest($1::text[], $2::timestamptz[]) AS t (device_id, due_at)
            WHERE s.device_id = t.device_id AND (s.due_at <= $3 OR s.due_at > t.due_at)
            """, [due.map(\.device), due.map(\.at), now]
        )
    }

    /// Remembers the transitions and writes their events.
    static func announce(_ announcements: [Announcement], at now: Timestamp) throws -> [BoundStatement] {
        let cleared = announcements.map(\.change).filter { $0.state == .cleared }
        let raised = announcements.filter { $0.change.state == .raised }
        return [
            (
                """
                DELETE FROM alerts.announced a USING unnest($1::text[], $2::text[]) AS t (device_id, type)
                WHERE a.device_id = t.device_id AND a.type = t.type
                """, [cleared.map(\.deviceId), cleared.map(\.alert.type.rawValue)]
            ),
            (
                """
                INSERT INTO alerts.announced (device_id, type, org_id, alert, announced_at)
                SELECT t.*, $5 FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) AS t
                """,
                [
                    raised.map(\.change.deviceId), raised.map(\.change.alert.type.rawValue), raised.map(\.orgId),
                    try raised.map { try JSON(encoding: $0.change.alert) }, now,
                ]
            ),
            Outbox.statement(try announcements.map { try $0.event(at: now) }),
        ]
    }
}

import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres

/// Where the organization does business.
@Loop struct LocationStore {
    /// The list is answered whole.
    static let limit = 1000

    let pool: PostgresPool

    func exists(_ location: LocationID, of orgId: OrgID) async throws(PostgresError) -> Bool {
        try await !pool.query(
            "SELECT FROM org.locations WHERE org_id = $1 AND location_id = $2", [orgId, location]
        ).isEmpty
    }

    func locations(of orgId: OrgID) async throws(PostgresError) -> [Location] {
        let rows = try await pool.query(
            """
            SELECT location_id, org_id, name, address, created_at, updated_at
            FROM org.locations
            WHERE org_id = $1
            ORDER BY created_at DESC, location_id DESC
            """, [orgId])
        return try rows.map(Location.init)
    }

    /// Nil when there are as many as there may be.
    func add(_ id: LocationID, _ location: NewLocation, to orgId: OrgID, as actor: Actor) async throws -> Location? {
        let answers = try await pool.atomically([
            ("SELECT FROM org.organizations WHERE org_id = $1 FOR NO KEY UPDATE", [orgId]),
            (
                """
                WITH created AS (
                    INSERT INTO org.locations (org_id, location_id, name, address)
                    SELECT $1, $2, $3::jsonb ->> 'name', $3::jsonb ->> 'address'
                    WHERE (SELECT count(*) FROM org.locations WHERE org_id = $1) < $6::integer
                    RETURNING *
                ), audited AS (
                    INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
                    SELECT org_id, $4, 'location.create', location_id, $5, $3::jsonb FROM created
                )
                SELECT * FROM created
                """, [orgId, id, try JSON(encoding: location), actor.id, actor.requestId, Self.limit]
            ),
        ])
        return try answers[1].first.map(Location.init)
    }

    /// Nil for a location that the organization does not have.
    func update(
        _ id: LocationID, _ change: LocationChange, of orgId: OrgID, as actor: Actor
    ) async throws -> Location? {
        let rows = try await pool.query(
            """
            WITH changed AS (
                UPDATE org.locations
                SET name = coalesce($3::jsonb ->> 'name', name), address = coalesce($3::jsonb ->> 'address', address),
                    updated_at = now()
                WHERE org_id = $1 AND location_id = $2
                RETURNING *
            ), audited AS (
                INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
                SELECT org_id, $4, 'location.update', location_id, $5, $3::jsonb FROM changed
            )
            SELECT * FROM changed
            """, [orgId, id, try JSON(encoding: change), actor.id, actor.requestId])
        return try rows.first.map(Location.init)
    }

    /// How many devices keep the location from being deleted; nil for one that the organization does not have.
    ///
    /// The row is locked before the devices are counted, in a statement of its own: devices that were being added to it
    /// by then are counted, and those that come later find no location.
    func delete(_ id: LocationID, of orgId: OrgID, as actor: Actor) async throws(PostgresError) -> Int? {
        let answers = try await pool.atomically([
            ("SELECT FROM org.locations WHERE org_id = $1 AND location_id = $2 FOR UPDATE", [orgId, id]),
            (
                """
                WITH assigned AS (
                    SELECT count(*) AS count FROM org.devices WHERE org_id = $1 AND location_id = $2
                ), deleted AS (
                    DELETE FROM org.locations
                    WHERE org_id = $1 AND location_id = $2 AND (SELECT count FROM assigned) = 0
                    RETURNING *
                ), audited AS (
                    INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
                    SELECT org_id, $3, 'location.delete', location_id, $4,
                        jsonb_build_object('name', name, 'address', address)
                    FROM deleted
                )
                SELECT count FROM assigned
                """, [orgId, id, actor.id, actor.requestId]
            ),
        ])
        return answers[0].isEmpty ? nil : try answers[1][0].int("count")
    }
}

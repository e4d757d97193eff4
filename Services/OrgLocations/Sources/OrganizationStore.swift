import EventLoop
import Models
import Postgres

/// The organization's own record and its locations.
@Loop struct OrganizationStore {
    let pool: PostgresPool

    func organization(_ orgId: OrgID) async throws(PostgresError) -> Organization? {
        let rows = try await pool.query(
            """
            SELECT o.org_id, o.name, o.cui, o.billing_address, coalesce(p.plan, 'free') AS plan,
                o.created_at, o.updated_at
            FROM org.organizations o
            LEFT JOIN billing.organization_plan p USING (org_id)
            WHERE o.org_id = $1
            """, [orgId])
        return try rows.first.map(Organization.init)
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

    func add(
        _ location: LocationID, name: String, address: String, to orgId: OrgID, as actor: Actor
    ) async throws(PostgresError) -> Location {
        let rows = try await pool.query(
            """
            WITH created AS (
                INSERT INTO org.locations (org_id, location_id, name, address)
                VALUES ($1, $2, $3, $4)
                RETURNING location_id, org_id, name, address, created_at, updated_at
            ), audited AS (
                INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id)
                SELECT org_id, $5, 'location.create', location_id, $6 FROM created
            )
            SELECT * FROM created
            """, [orgId, location, name, address, actor.id, actor.requestId])
        return try Location(rows[0])
    }
}

import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres

/// The organization's own record, and who gets mails about what.
@Loop struct OrganizationStore {
    let pool: PostgresPool

    func exists(_ orgId: OrgID) async throws(PostgresError) -> Bool {
        try await !pool.query("SELECT FROM org.organizations WHERE org_id = $1", [orgId]).isEmpty
    }

    func organization(_ orgId: OrgID) async throws(PostgresError) -> Organization? {
        let rows = try await pool.query(
            """
            SELECT o.org_id, o.name, o.cui, o.billing_address, billing.plan_of(o.org_id) AS plan,
                o.created_at, o.updated_at
            FROM org.organizations o
            WHERE o.org_id = $1
            """, [orgId])
        return try rows.first.map(Organization.init)
    }

    /// Nil for an organization that does not exist.
    func update(_ orgId: OrgID, _ change: OrganizationChange, as actor: Actor) async throws -> Organization? {
        let rows = try await pool.query(
            """
            WITH changed AS (
                UPDATE org.organizations
                SET name = coalesce($2::jsonb ->> 'name', name),
                    billing_address = coalesce($2::jsonb -> 'billingAddress', billing_address), updated_at = now()
                WHERE org_id = $1
                RETURNING *
            ), audited AS (
                INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
                SELECT org_id, $3, 'organization.update', org_id, $4, $2::jsonb FROM changed
            )
            SELECT o.org_id, o.name, o.cui, o.billing_address, billing.plan_of(o.org_id) AS plan,
                o.created_at, o.updated_at
            FROM changed o
            """, [orgId, try JSON(encoding: change), actor.id, actor.requestId])
        return try rows.first.map(Organization.init)
    }

    /// Nil for an organization that does not exist.
    func notifications(of orgId: OrgID) async throws(PostgresError) -> NotificationSettings? {
        let rows = try await pool.query(
            """
            SELECT coalesce((
                SELECT jsonb_agg(jsonb_build_object('email', email, 'categories', categories) ORDER BY position)
                FROM org.notification_subscribers
                WHERE org_id = $1), '[]') AS subscribers
            FROM org.organizations
            WHERE org_id = $1
            """, [orgId])
        return try rows.first.map { row throws(PostgresError) in
            NotificationSettings(subscribers: try row.decoded("subscribers"))
        }
    }

    /// One list at a time: the organization's row is locked first. False for an organization that does not exist.
    func replaceNotifications(
        of orgId: OrgID, by settings: NotificationSettings, as actor: Actor
    ) async throws -> Bool {
        let answers = try await pool.atomically([
            ("SELECT FROM org.organizations WHERE org_id = $1 FOR NO KEY UPDATE", [orgId]),
            ("DELETE FROM org.notification_subscribers WHERE org_id = $1", [orgId]),
            (
                """
                WITH added AS (
                    INSERT INTO org.notification_subscribers (org_id, email, categories, position)
                    SELECT o.org_id, s.value ->> 'email',
                        ARRAY(SELECT jsonb_array_elements_text(s.value -> 'categories')), s.position
                    FROM org.organizations o
                    CROSS JOIN jsonb_array_elements($2::jsonb -> 'subscribers') WITH ORDINALITY s (value, position)
                    WHERE o.org_id = $1
                )
                INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
                SELECT org_id, $3, 'notifications.replace', org_id, $4, $2::jsonb
                FROM org.organizations
                WHERE org_id = $1
                """, [orgId, try JSON(encoding: settings), actor.id, actor.requestId]
            ),
        ])
        return !answers[0].isEmpty
    }
}

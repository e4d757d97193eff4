import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres

/// A member's own record.
@Loop struct ProfileStore {
    let pool: PostgresPool

    /// Nil for somebody who is a member no longer.
    func profile(of user: UserID, in orgId: OrgID) async throws(PostgresError) -> Profile? {
        let rows = try await pool.query(
            """
            SELECT user_id, email, display_name, phone_number, role, created_at
            FROM org.users
            WHERE org_id = $1 AND user_id = $2
            """, [orgId, user])
        return try rows.first.map(Profile.init)
    }

    /// Nil for somebody who is a member no longer.
    func update(_ user: UserID, _ change: ProfileChange, in orgId: OrgID, as actor: Actor) async throws -> Profile? {
        let rows = try await pool.query(
            """
            WITH changed AS (
                UPDATE org.users
                SET display_name = coalesce($3::jsonb ->> 'displayName', display_name),
                    phone_number = coalesce($3::jsonb ->> 'phoneNumber', phone_number), updated_at = now()
                WHERE org_id = $1 AND user_id = $2
                RETURNING *
            ), audited AS (
                INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
                SELECT org_id, $4, 'user.update', user_id, $5, $3::jsonb FROM changed
            )
            SELECT * FROM changed
            """, [orgId, user, try JSON(encoding: change), actor.id, actor.requestId])
        return try rows.first.map(Profile.init)
    }

    func email(of user: UserID, in orgId: OrgID) async throws(PostgresError) -> String? {
        let rows = try await pool.query(
            "SELECT email FROM org.users WHERE org_id = $1 AND user_id = $2", [orgId, user])
        return try rows.first?.string("email")
    }

    /// Ends every session but one, and the mailed links to another password. False when the password is not the one any
    /// more that was compared.
    func replacePassword(
        _ old: String, by new: String, of user: UserID, in orgId: OrgID, keeping session: SessionID, as actor: Actor
    ) async throws(PostgresError) -> Bool {
        let answers = try await pool.atomically([
            (
                """
                WITH changed AS (
                    UPDATE org.users
                    SET password_hash = $4, updated_at = now()
                    WHERE org_id = $1 AND user_id = $2 AND password_hash = $3
                    RETURNING *
                ), ended AS (
                    DELETE FROM org.password_resets r USING changed c
                    WHERE r.org_id = c.org_id AND r.user_id = c.user_id
                ), audited AS (
                    INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id)
                    SELECT org_id, $5, 'user.password_change', user_id, $6 FROM changed
                )
                SELECT FROM changed
                """, [orgId, user, old, new, actor.id, actor.requestId]
            ),
            (SessionStatements.endAll, [orgId, user, new, session]),
        ])
        return !answers[0].isEmpty
    }
}

extension Profile {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            uid: try row.value("user_id"), email: try row.string("email"),
            displayName: try row.optional("display_name"), phoneNumber: try row.optional("phone_number"),
            role: try row.raw("role"), createdAt: try row.timestamp("created_at"))
    }
}

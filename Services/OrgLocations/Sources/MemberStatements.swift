import OrgLocationsRoutes
import Postgres

/// Members of `$1` are its users and those whose invitation is open.
enum MemberStatements {
    private static let everybody = """
        SELECT user_id AS id, email, display_name, role, 'active' AS status, created_at
        FROM org.users
        WHERE org_id = $1
        UNION ALL
        SELECT invitation_id, email, NULL, role, 'invited', created_at
        FROM org.invitations
        WHERE org_id = $1 AND expires_at > now()
        """

    static let list = Statement("\(everybody) ORDER BY created_at DESC, id DESC")

    static let exists = Statement("SELECT FROM (\(everybody)) members WHERE id = $2")

    /// What decides on a change of `$2` that `$3` asks for.
    static let standing = Statement(
        """
        SELECT role AS member, status, (SELECT role FROM org.users WHERE org_id = $1 AND user_id = $3) AS actor,
            (SELECT count(*) FROM org.users WHERE org_id = $1 AND role = 'owner') AS owners
        FROM (\(everybody)) members
        WHERE id = $2
        """)

    /// `$3` is who asks, `$4` the request, `$5` the role.
    static func update(_ status: Member.Status) -> Statement {
        Statement(
            """
            WITH previous AS (
                SELECT role FROM \(status.table) WHERE org_id = $1 AND \(status.id) = $2
            ), changed AS (
                UPDATE \(status.table) SET role = $5 WHERE org_id = $1 AND \(status.id) = $2 RETURNING *
            ), \(audited("member.update", status, ", 'previousRole', (SELECT role FROM previous)"))
            """)
    }

    /// `$3` is who asks, `$4` the request.
    static func remove(_ status: Member.Status) -> Statement {
        Statement(
            """
            WITH changed AS (
                DELETE FROM \(status.table) WHERE org_id = $1 AND \(status.id) = $2 RETURNING *
            ), \(audited("member.remove", status))
            """)
    }

    /// Withdraws what `$2` has sent: invitations to one of the roles `$5`. `$3` is who asks, `$4` the request.
    static let withdraw = Statement(
        """
        WITH changed AS (
            DELETE FROM org.invitations
            WHERE org_id = $1 AND invited_by = $2 AND role = ANY ($5::text[])
            RETURNING *
        ), \(audited("member.remove", .invited))
        """)

    private static func audited(_ action: String, _ status: Member.Status, _ more: String = "") -> String {
        """
        audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, $3, '\(action)', \(status.id), $4,
                jsonb_build_object('email', email, 'status', '\(status.rawValue)', 'role', role\(more))
            FROM changed
        )
        SELECT \(status.id) AS id, email, \(status.displayName) AS display_name, role,
            '\(status.rawValue)' AS status, created_at
        FROM changed
        """
    }
}

extension Member.Status {
    fileprivate var table: String {
        switch self {
        case .active: "org.users"
        case .invited: "org.invitations"
        }
    }

    fileprivate var id: String {
        switch self {
        case .active: "user_id"
        case .invited: "invitation_id"
        }
    }

    fileprivate var displayName: String {
        switch self {
        case .active: "display_name"
        case .invited: "NULL"
        }
    }
}

import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes
import Postgres

/// Who belongs to the organization, and in which role.
@Loop struct MemberStore {
    let pool: PostgresPool

    func exists(_ member: UserID, of orgId: OrgID) async throws(PostgresError) -> Bool {
        try await !pool.query("SELECT FROM org.users WHERE org_id = $1 AND user_id = $2", [orgId, member]).isEmpty
    }

    func members(of orgId: OrgID) async throws(PostgresError) -> [Member] {
        let rows = try await pool.query(
            """
            SELECT user_id, email, display_name, role, created_at
            FROM org.users
            WHERE org_id = $1
            ORDER BY created_at DESC, user_id DESC
            """, [orgId])
        return try rows.map(Member.init)
    }

    /// Nil for somebody who is no member.
    func update(_ member: UserID, to role: Role, _ orgId: OrgID, _ actor: Actor) async throws -> Member? {
        try await change(member, orgId, actor, role: role) { transaction in
            try await transaction.query(
                """
                WITH previous AS (
                    SELECT role FROM org.users WHERE org_id = $1 AND user_id = $2
                ), changed AS (
                    UPDATE org.users
                    SET role = $3, updated_at = now()
                    WHERE org_id = $1 AND user_id = $2
                    RETURNING *
                ), audited AS (
                    INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
                    SELECT org_id, $4, 'member.update', user_id, $5,
                        jsonb_build_object('email', email, 'role', role, 'previousRole', (SELECT role FROM previous))
                    FROM changed
                )
                SELECT * FROM changed
                """, [orgId, member, role.rawValue, actor.id, actor.requestId])
        }
    }

    /// Their sessions go with them. Nil for somebody who is no member.
    func remove(_ member: UserID, _ orgId: OrgID, _ actor: Actor) async throws -> Member? {
        try await change(member, orgId, actor, role: nil) { transaction in
            try await transaction.query(
                """
                WITH removed AS (
                    DELETE FROM org.users WHERE org_id = $1 AND user_id = $2 RETURNING *
                ), audited AS (
                    INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
                    SELECT org_id, $3, 'member.remove', user_id, $4, jsonb_build_object('email', email, 'role', role)
                    FROM removed
                )
                SELECT * FROM removed
                """, [orgId, member, actor.id, actor.requestId])
        }
    }

    /// The organization's row is locked before anybody's role is looked at: of two changes that would leave no owner
    /// the second sees what the first has done.
    private func change(
        _ member: UserID, _ orgId: OrgID, _ actor: Actor, role: Role?,
        _ write: @escaping @Loop (PostgresTransaction) async throws -> PostgresRows
    ) async throws -> Member? {
        try await pool.transaction { transaction in
            let answers = try await transaction.queries([
                ("SELECT FROM org.organizations WHERE org_id = $1 FOR NO KEY UPDATE", [orgId]),
                (
                    """
                    SELECT m.role AS member, (SELECT role FROM org.users WHERE org_id = $1 AND user_id = $3) AS actor,
                        (SELECT count(*) FROM org.users WHERE org_id = $1 AND role = 'owner') AS owners
                    FROM org.users m
                    WHERE m.org_id = $1 AND m.user_id = $2
                    """, [orgId, member, actor.id]
                ),
            ])
            guard let row = answers[1].first else { return nil }
            let rule = MembershipRule(
                actor: try row.optional("actor").flatMap(Role.init(rawValue:)), member: try row.raw("member"),
                owners: try row.int("owners"))
            if let refusal = rule.refusal(ofBecoming: role) { throw refusal }
            return try Member(try await write(transaction)[0])
        }
    }
}

extension Member {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.value("user_id"), email: try row.string("email"),
            displayName: try row.optional("display_name"), role: try row.raw("role"), status: .active,
            createdAt: try row.timestamp("created_at"))
    }
}

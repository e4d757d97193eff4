import EventLoop
import Models
import OrgLocationsRoutes
import Postgres

/// Who belongs to the organization or is invited to, and in which role.
@Loop struct MemberStore {
    let pool: PostgresPool

    func exists(_ member: UserID, of orgId: OrgID) async throws(PostgresError) -> Bool {
        try await !pool.query(MemberStatements.exists, [orgId, member]).isEmpty
    }

    func members(of orgId: OrgID) async throws(PostgresError) -> [Member] {
        try await pool.query(MemberStatements.list, [orgId]).map(Member.init)
    }

    /// Nil for somebody who is neither member nor invited.
    func update(_ member: UserID, to role: Role, _ orgId: OrgID, _ actor: Actor) async throws -> Member? {
        try await change(member, to: role, orgId, actor)
    }

    /// The sessions of a user go with them, the link with an invitation. Nil for somebody who is neither member nor
    /// invited.
    func remove(_ member: UserID, _ orgId: OrgID, _ actor: Actor) async throws -> Member? {
        try await change(member, to: nil, orgId, actor)
    }

    /// The organization's row is locked before anybody's role is looked at: of two changes that would leave no owner
    /// the second sees what the first has done. Nobody comes back through an invitation that they have sent while they
    /// still could.
    private func change(_ member: UserID, to role: Role?, _ orgId: OrgID, _ actor: Actor) async throws -> Member? {
        try await pool.transaction { transaction in
            let answers = try await transaction.queries([
                ("SELECT FROM org.organizations WHERE org_id = $1 FOR NO KEY UPDATE", [orgId]),
                (MemberStatements.standing, [orgId, member, actor.id]),
            ])
            guard let row = answers[1].first else { return nil }
            let rule = try MembershipRule(row)
            if let refusal = rule.refusal(ofBecoming: role) { throw refusal }
            let common: [(any PostgresValue)?] = [orgId, member, actor.id, actor.requestId]
            let lost = Role.allCases.filter { role?.mayGive($0) != true }
            _ = try await transaction.query(MemberStatements.withdraw, common + [lost.map(\.rawValue)])
            let changed =
                if let role {
                    try await transaction.query(MemberStatements.update(rule.status), common + [role.rawValue])
                } else {
                    try await transaction.query(MemberStatements.remove(rule.status), common)
                }
            return try changed.first.map(Member.init)
        }
    }
}

extension Member {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.value("id"), email: try row.string("email"), displayName: try row.optional("display_name"),
            role: try row.raw("role"), status: try row.raw("status"), createdAt: try row.timestamp("created_at"))
    }
}

extension MembershipRule {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            actor: try row.optional("actor").flatMap(Role.init(rawValue:)), member: try row.raw("member"),
            status: try row.raw("status"), owners: try row.int("owners"))
    }
}

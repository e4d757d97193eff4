import Crypto
import EventLoop
import Models
import OrgLocationsRoutes
import Postgres

/// Invitations that are still open.
@Loop struct InvitationStore {
    /// The list of members, which shows them, is answered whole.
    static let limit = 200
    private static let lifetime = Duration.seconds(7 * 24 * 3600)

    let pool: PostgresPool

    enum Issue {
        case issued(Member)
        case knownEmail
        case full
    }

    /// Inviting an address once more replaces the link, and changes the role that it was invited to. The organization's
    /// row is locked before anybody's role is looked at and invitations are counted, as it is before members change.
    /// - Throws: 403 for who may not, now.
    func issue(to email: String, role: Role, in orgId: OrgID, as actor: Actor) async throws -> Issue {
        try await pool.transaction { transaction in
            let answers = try await transaction.queries([
                ("SELECT FROM org.organizations WHERE org_id = $1 FOR NO KEY UPDATE", [orgId]),
                (Self.standing, [orgId, email, actor.id]),
            ])
            let standing = answers[1][0]
            let rule = MembershipRule(
                actor: try standing.optional("actor").flatMap(Role.init(rawValue:)),
                member: try standing.optional("invited").flatMap(Role.init(rawValue:)) ?? role, status: .invited,
                owners: 0)
            if let refusal = rule.refusal(ofBecoming: role) { throw refusal }
            if try standing.bool("is_known") { return .knownEmail }
            if try standing.int("others") >= Self.limit { return .full }
            let values: [(any PostgresValue)?] = [
                orgId, email, role.rawValue, Random.identifier(prefix: "inv"), MailedLink.newId(),
                Self.lifetime.milliseconds, actor.id, actor.requestId, Random.identifier(prefix: "evt"),
            ]
            let row = try await transaction.query(Self.issue, values)[0]
            return .issued(
                Member(
                    id: try row.value("invitation_id"), email: try row.string("email"), displayName: nil,
                    role: try row.raw("role"), status: .invited, createdAt: try row.timestamp("created_at")))
        }
    }

    /// Whether the address of the link's invitation is somebody's by now; nil when the link is good no longer.
    func isEmailKnown(link: String) async throws(PostgresError) -> Bool? {
        let rows = try await pool.query(
            """
            SELECT EXISTS (SELECT FROM org.users u WHERE lower(u.email) = lower(i.email)) AS is_known
            FROM org.invitations i
            WHERE link_id = $1 AND expires_at > now()
            """, [link])
        return try rows.first?.bool("is_known")
    }

    enum Acceptance {
        case accepted(UserIdentity)
        case knownEmail
        case noSuchLink
    }

    func accept(
        link: String, displayName: String?, passwordHash: String, session: NewSession, client: String, requestId: String
    ) async throws(PostgresError) -> Acceptance {
        do {
            let rows = try await pool.query(
                Self.accept,
                [
                    link, Random.identifier(prefix: "usr"), passwordHash, displayName, session.id,
                    session.token.familyDigest, session.token.generationDigest, RefreshToken.lifetimeSeconds, requestId,
                    client,
                ])
            guard let row = rows.first else { return .noSuchLink }
            return .accepted(try UserIdentity(row))
        } catch .violation("users_email_key", _) {
            return .knownEmail
        }
    }

    /// What decides on an invitation of `$2` that `$3` sends.
    private static let standing: Statement = """
        SELECT EXISTS (SELECT FROM org.users WHERE lower(email) = lower($2)) AS is_known,
            (SELECT role FROM org.users WHERE org_id = $1 AND user_id = $3) AS actor,
            (SELECT role FROM org.invitations
             WHERE org_id = $1 AND expires_at > now() AND lower(email) = lower($2)) AS invited,
            (SELECT count(*) FROM org.invitations
             WHERE org_id = $1 AND expires_at > now() AND lower(email) <> lower($2)) AS others
        """

    private static let issue = Statement(
        """
        WITH issued AS (
            INSERT INTO org.invitations
                (org_id, email, role, invitation_id, link_id, invited_by, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $7, now(), now() + $6 * interval '1 millisecond')
            ON CONFLICT (org_id, lower(email)) DO UPDATE SET
                email = excluded.email, role = excluded.role, link_id = excluded.link_id,
                invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at
            RETURNING *
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, $7, 'member.invite', invitation_id, $8, jsonb_build_object('email', email, 'role', role)
            FROM issued
        ), announced AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, data)
            SELECT $9, org_id, '\(InvitationIssued.type)', $8, jsonb_build_object(
                'invitationId', invitation_id, 'linkId', link_id, 'email', email, 'role', role,
                'invitedBy',
                (SELECT coalesce(display_name, email) FROM org.users WHERE org_id = $1 AND user_id = $7),
                'expiresAt', \(MailedLink.expiry))
            FROM issued
        )
        SELECT * FROM issued
        """)

    private static let accept = Statement(
        """
        WITH invitation AS (
            DELETE FROM org.invitations WHERE link_id = $1 AND expires_at > now() RETURNING *
        ), member AS (
            INSERT INTO org.users (user_id, org_id, email, password_hash, role, display_name)
            SELECT $2, org_id, email, $3, role, $4 FROM invitation
            RETURNING *
        ), session AS (
            INSERT INTO org.sessions (session_id, org_id, user_id, family_sha256, generation_sha256, expires_at)
            SELECT $5, org_id, user_id, $6, $7, now() + make_interval(secs => $8::bigint) FROM member
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, user_id, 'member.join', user_id, $9, jsonb_build_object('email', email, 'role', role)
            FROM member
        ), familiar AS (
            \(LoginAttemptStore.familiar("member", "$10"))
        )
        SELECT user_id, org_id, role FROM member
        """)
}

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

    /// Inviting an address once more replaces the link. The organization's row is locked before its invitations are
    /// counted, as it is before its devices are.
    func issue(
        to email: String, role: Role, in orgId: OrgID, as actor: Actor
    ) async throws(PostgresError) -> Issue {
        let values: [(any PostgresValue)?] = [
            orgId, email, role.rawValue, Self.limit, Random.identifier(prefix: "inv"), MailedLink.newId(),
            Self.lifetime.milliseconds, actor.id, actor.requestId, Random.identifier(prefix: "evt"),
        ]
        let answers = try await pool.atomically([
            ("SELECT FROM org.organizations WHERE org_id = $1 FOR NO KEY UPDATE", [orgId]),
            (Self.issue, values),
        ])
        let row = answers[1][0]
        if try row.bool("is_known") { return .knownEmail }
        if try row.bool("is_full") { return .full }
        return .issued(
            Member(
                id: try row.value("invitation_id"), email: try row.string("email"), displayName: nil,
                role: try row.raw("role"), status: .invited, createdAt: try row.timestamp("created_at")))
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

    private static let issue = Statement(
        """
        WITH state AS (
            SELECT EXISTS (SELECT FROM org.users WHERE lower(email) = lower($2)) AS is_known,
                (SELECT count(*) FROM org.invitations
                 WHERE org_id = $1 AND expires_at > now() AND lower(email) <> lower($2)) >= $4 AS is_full
        ), issued AS (
            INSERT INTO org.invitations AS i
                (org_id, email, role, invitation_id, link_id, invited_by, created_at, expires_at)
            SELECT $1, $2, $3, $5, $6, $8, now(), now() + $7 * interval '1 millisecond'
            FROM state
            WHERE NOT is_known AND NOT is_full
            ON CONFLICT (org_id, lower(email)) DO UPDATE SET
                email = excluded.email, role = excluded.role, link_id = excluded.link_id,
                invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at
            RETURNING *
        ), audited AS (
            INSERT INTO org.audit (org_id, actor_id, action, subject_id, request_id, data)
            SELECT org_id, $8, 'member.invite', invitation_id, $9, jsonb_build_object('email', email, 'role', role)
            FROM issued
        ), announced AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, data)
            SELECT $10, org_id, '\(InvitationIssued.type)', $9, jsonb_build_object(
                'invitationId', invitation_id, 'linkId', link_id, 'email', email, 'role', role,
                'invitedBy', (SELECT coalesce(display_name, email) FROM org.users WHERE user_id = $8),
                'expiresAt', \(MailedLink.expiry))
            FROM issued
        )
        SELECT s.is_known, s.is_full, i.* FROM state s LEFT JOIN issued i ON true
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

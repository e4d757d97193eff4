import Crypto
import Endpoints
import Models
import OrgLocationsRoutes

/// A session that is about to be opened.
struct NewSession: Sendable {
    let id = SessionID(Random.identifier(prefix: "ses"))
    let token = RefreshToken()
}

extension JSONWebTokens {
    static let accessLifetime: Int64 = 15 * 60

    /// What the user of a session is handed to go on with.
    func issue(to user: UserIdentity, in session: SessionID, _ token: RefreshToken) -> Tokens {
        let now = Timestamp.now().milliseconds / 1000
        let access = JSONWebToken(
            subject: user.userId.rawValue, organization: user.orgId.rawValue, role: user.role.rawValue,
            session: session.rawValue, issuedAt: now, expiresAt: now + Self.accessLifetime)
        return Tokens(
            accessToken: sign(access), refreshToken: token.text, expiresIn: Int(Self.accessLifetime))
    }

    /// What somebody is handed who has just become a member.
    func issue(to user: UserIdentity, in session: NewSession) -> Membership {
        Membership(issue(to: user, in: session.id, session.token), userId: user.userId, orgId: user.orgId)
    }
}

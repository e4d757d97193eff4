import Bus
import Crypto
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes
import ServiceRuntime

@Loop struct AuthHandlers {
    static let accessLifetime: Int64 = 15 * 60

    let store: SessionStore
    let tokens: JSONWebTokens
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.login) { try await login($0) }
        bus.mount(OrgLocationsRoutes.refresh) { try await refresh($0) }
        bus.mount(OrgLocationsRoutes.logout) { try await logout($0) }
    }

    /// An unknown address costs one password verification too: the time must not tell whether it is known.
    private func login(_ call: Call<Login>) async throws -> Tokens {
        let login = try call.input()
        let account = try await store.account(email: login.email)
        let isRight: Bool
        do {
            isRight = try await PasswordHash.matches(login.password, account?.passwordHash ?? PasswordHash.decoy)
        } catch {
            throw APIError.unavailable("Too many logins at once", retryAfter: 1)
        }
        guard let account, isRight else { throw APIError.unauthorized("Invalid email or password") }
        let session = SessionID(Random.identifier(prefix: "ses"))
        let token = RefreshToken()
        try await store.open(session, for: account.user, token: token)
        return issue(to: account.user, in: session, token)
    }

    private func refresh(_ call: Call<Refresh>) async throws -> Tokens {
        let refused = APIError.unauthorized("Invalid or expired refresh token")
        guard let token = RefreshToken(try call.input().refreshToken) else { throw refused }
        let next = token.next
        switch try await store.rotate(token, to: next) {
        case .none: throw refused
        case .rotated(let user, let session): return issue(to: user, in: session, next)
        case .reused(let orgId, let session):
            Log.warning("refresh token used twice", ["session": "\(session)"], requestId: call.requestId)
            bus.publish(CredentialsChanged(orgId: orgId))
            throw refused
        }
    }

    private func logout(_ call: Call<NoInput>) async throws -> NoOutput {
        try await store.end(SessionID(call.caller.sessionId ?? ""), of: call.orgId)
        bus.publish(CredentialsChanged(orgId: call.orgId))
        return NoOutput()
    }

    private func issue(to user: UserIdentity, in session: SessionID, _ token: RefreshToken) -> Tokens {
        let now = Timestamp.now().milliseconds / 1000
        let access = JSONWebToken(
            subject: user.userId.rawValue, organization: user.orgId.rawValue, role: user.role.rawValue,
            session: session.rawValue, issuedAt: now, expiresAt: now + Self.accessLifetime)
        return Tokens(
            accessToken: tokens.sign(access), refreshToken: token.text, expiresIn: Int(Self.accessLifetime))
    }
}

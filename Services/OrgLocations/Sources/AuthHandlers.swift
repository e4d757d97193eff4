import Bus
import Crypto
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes
import ServiceRuntime

@Loop struct AuthHandlers {
    let store: SessionStore
    let attempts: LoginAttemptStore
    let passwords: Passwords
    let tokens: JSONWebTokens
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.login) { try await login($0) }
        bus.mount(OrgLocationsRoutes.refresh) { try await refresh($0) }
        bus.mount(OrgLocationsRoutes.logout) { try await logout($0) }
    }

    private func login(_ call: Call<Login>) async throws -> Tokens {
        let login = try call.input()
        let attempt = LoginAttempt(call, email: login.email)
        let account = try await attempts.admit(attempt)
        let isRight = try await passwords.matches(login.password, account?.passwordHash)
        let session = NewSession()
        guard let account, isRight, try await store.open(session, for: account, after: attempt) else {
            throw APIError.wrongLogin
        }
        return tokens.issue(to: account.user, in: session.id, session.token)
    }

    private func refresh(_ call: Call<Refresh>) async throws -> Tokens {
        let refused = APIError.wrongRefreshToken
        guard let token = RefreshToken(try call.input().refreshToken) else { throw refused }
        let next = token.next
        switch try await store.rotate(token, to: next) {
        case .none: throw refused
        case .rotated(let user, let session): return tokens.issue(to: user, in: session, next)
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
}

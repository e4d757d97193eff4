import Crypto
import Models

/// Takes a session's new token for the old one.
struct EventRenewals {
    let tokens: JSONWebTokens

    /// The caller with the new session, and until when; nil unless the token is good and the same user's. Whether the
    /// session has been ended is found out by the watch over all credentials.
    func renew(_ caller: Caller, with token: String, at now: Timestamp) -> (caller: Caller, expiresAt: Timestamp)? {
        guard let userId = caller.userId, let role = caller.role,
            let token = try? tokens.verify(token, now: now.milliseconds / 1000),
            token.subject == userId.rawValue, token.organization == caller.orgId.rawValue
        else { return nil }
        let renewed = Caller(
            userId: userId, role: role, sessionId: token.session, orgId: caller.orgId, plan: caller.plan)
        return (renewed, Timestamp(milliseconds: min(token.expiresAt, 1 << 42) * 1000))
    }
}

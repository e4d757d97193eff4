import Bus
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

/// What members see and change of themselves.
@Loop struct ProfileHandlers {
    let store: ProfileStore
    let attempts: LoginAttemptStore
    let passwords: Passwords
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.profile) { call in
            guard let profile = try await store.profile(of: try call.userId, in: call.orgId) else {
                throw APIError.sessionEnded
            }
            return profile
        }
        bus.mount(OrgLocationsRoutes.updateProfile) { call in
            let change = try call.input()
            guard let profile = try await store.update(try call.userId, change, in: call.orgId, as: Actor(call)) else {
                throw APIError.sessionEnded
            }
            return profile
        }
        bus.mount(OrgLocationsRoutes.changePassword) { try await changePassword($0) }
    }

    private func changePassword(_ call: Call<PasswordChange>) async throws -> NoOutput {
        let change = try call.input()
        let wrong = APIError.validation("body.currentPassword", "currentPassword is not your password")
        guard let email = try await store.email(of: try call.userId, in: call.orgId) else {
            throw APIError.sessionEnded
        }
        let attempt = LoginAttempt(call, email: email)
        guard let account = try await attempts.admit(attempt) else { throw APIError.sessionEnded }
        guard try await passwords.matches(change.currentPassword, account.passwordHash) else { throw wrong }
        try await attempts.forgive(attempt)
        let isChanged = try await store.replacePassword(
            account.passwordHash, by: try await passwords.hash(change.newPassword), of: try call.userId, in: call.orgId,
            keeping: SessionID(call.caller.sessionId ?? ""), as: Actor(call))
        guard isChanged else { throw wrong }
        bus.publish(CredentialsChanged(orgId: call.orgId))
        return NoOutput()
    }
}

extension Call {
    fileprivate var userId: UserID {
        get throws(APIError) {
            guard let userId = caller.userId else { throw .sessionEnded }
            return userId
        }
    }
}

extension APIError {
    /// For the seconds in which a removed member may still be let in.
    fileprivate static let sessionEnded = unauthorized("The session has ended")
}

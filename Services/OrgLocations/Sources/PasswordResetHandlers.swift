import Bus
import Crypto
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

@Loop struct PasswordResetHandlers {
    let store: PasswordResetStore
    let resets: PasswordResets
    let passwords: Passwords
    let links: MailedLinks
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.forgotPassword) { call in
            try await store.request(email: call.input().email, requestId: call.requestId)
            resets.wake()
            return NoOutput()
        }
        bus.mount(OrgLocationsRoutes.resetPassword) { try await reset($0) }
    }

    /// Only a link that is still good is worth a run of argon2.
    private func reset(_ call: Call<PasswordReset>) async throws -> NoOutput {
        let reset = try call.input()
        guard let link = links.id(of: reset.token, purpose: .passwordReset),
            let user = try await store.account(link: link)
        else { throw APIError.deadLink }
        let hash = try await passwords.hash(reset.password)
        guard
            try await store.reset(user, link: link, passwordHash: hash, client: call.client, requestId: call.requestId)
        else {
            throw APIError.deadLink
        }
        bus.publish(CredentialsChanged(orgId: user.orgId))
        return NoOutput()
    }
}

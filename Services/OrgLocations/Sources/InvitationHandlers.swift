import Bus
import Crypto
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

@Loop struct InvitationHandlers {
    let store: InvitationStore
    let passwords: Passwords
    let links: MailedLinks
    let tokens: JSONWebTokens
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.inviteMember) { try await invite($0) }
        bus.mount(OrgLocationsRoutes.acceptInvitation) { try await accept($0) }
    }

    private func invite(_ call: Call<NewMember>) async throws -> Member {
        let member = try call.input()
        switch try await store.issue(to: member.email, role: member.role, in: call.orgId, as: Actor(call)) {
        case .issued(let member):
            bus.publish(OutboxGrew())
            return member
        case .knownEmail: throw APIError.knownEmail
        case .full:
            throw APIError.invitationLimit(InvitationStore.limit)
        }
    }

    /// Only a link that is still good is worth a run of argon2.
    private func accept(_ call: Call<Acceptance>) async throws -> Membership {
        let acceptance = try call.input()
        guard let link = links.id(of: acceptance.token, purpose: .invitation),
            let isEmailKnown = try await store.isEmailKnown(link: link)
        else { throw APIError.deadLink }
        if isEmailKnown { throw APIError.knownEmail }
        let session = NewSession()
        let hash = try await passwords.hash(acceptance.password)
        let outcome = try await store.accept(
            link: link, displayName: acceptance.displayName, passwordHash: hash, session: session, client: call.client,
            requestId: call.requestId)
        switch outcome {
        case .accepted(let member): return tokens.issue(to: member, in: session)
        case .knownEmail: throw APIError.knownEmail
        case .noSuchLink: throw APIError.deadLink
        }
    }
}

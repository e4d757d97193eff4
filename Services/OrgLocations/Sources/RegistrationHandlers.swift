import Bus
import Crypto
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

@Loop struct RegistrationHandlers {
    let store: RegistrationStore
    let passwords: Passwords
    let tokens: JSONWebTokens
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.register) { try await register($0) }
    }

    /// A known address is looked for first because hashing is dear; who is faster in between is found by the index.
    private func register(_ call: Call<NewAccount>) async throws -> Membership {
        let account = try call.input()
        guard try await !store.isKnown(email: account.email) else { throw APIError.knownEmail }
        let session = NewSession()
        let hash = try await passwords.hash(account.password)
        guard
            let owner = try await store.register(
                account, passwordHash: hash, session: session, client: call.client, requestId: call.requestId)
        else { throw APIError.knownEmail }
        return tokens.issue(to: owner, in: session)
    }
}

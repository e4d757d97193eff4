import Endpoints
import JSON
import Models

/// A caller, with what every request of theirs needs already worked out.
final class Credential: Sendable {
    let caller: Caller
    /// The caller as the bus carries it, signed.
    let vouched: String
    /// The answer of `GET /api/v1/me`.
    let me: [UInt8]
    /// Whom requests are counted by.
    let subject: String
    private let scopes: Set<Scope>

    init(_ caller: Caller, vouched: String) {
        self.caller = caller
        self.vouched = vouched
        me = caller.me.serialized()
        subject = caller.userId.map { "user:\($0)" } ?? "key:\(caller.credentialId)"
        scopes = caller.scopes.reduce(into: []) { $0.formUnion($1.implied) }
    }

    /// - Throws: 403 that says what is missing.
    func checkAccess(to route: Route) throws(APIError) {
        switch route.access {
        case .open, .signed, .anyCredential: break
        case .scope(let scope): try check(anyOf: [scope])
        case .jwt where caller.kind == .apiKey:
            throw .apiKeyNotAccepted
        case .jwt(let roles):
            guard let role = caller.role, roles.contains(role) else {
                throw .roleDoesNotPermit
            }
        }
    }

    func check(anyOf wanted: [Scope]) throws(APIError) {
        guard wanted.contains(where: scopes.contains) else {
            throw .lacksScope(wanted)
        }
    }
}

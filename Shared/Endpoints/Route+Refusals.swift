import JSON
import Models

extension Route {
    /// Every refusal that a well-formed request of this route may meet, by status: those that follow from the
    /// declaration, with the route's own.
    package var refusals: [APIError] {
        var refusals = Self.universal
        if service != .edgeRouter { refusals.append(.nulInQuery) }
        if access.wantsCredential { refusals.append(.missingCredential) }
        switch access {
        case .open, .signed, .anyCredential: break
        case .scope(let scope): refusals.append(.lacksScope([scope]))
        case .jwt(let roles):
            refusals.append(.apiKeyNotAccepted)
            if roles.count < Role.allCases.count { refusals.append(.roleDoesNotPermit) }
        }
        refusals += inputRefusals
        if !buckets.isEmpty { refusals.append(.rateLimited(retryAfter: 12)) }
        return (refusals + errors).sorted { $0.status < $1.status }
    }

    /// What any request may meet.
    private static let universal: [APIError] = [
        .methodNotAllowed(allow: ["GET", "HEAD", "POST"]), APIError(refusing: 413, reason: "the body is too large"),
        APIError(refusing: 414, reason: "the request target is too long"),
        APIError(refusing: 431, reason: "the header fields are too many or too long"), .unexpected,
        .temporarilyUnavailable,
    ]

    private var inputRefusals: [APIError] {
        var refusals: [APIError] = []
        let wrongInput = body?.violations(ofWrong: "body") ?? []
        let wrongQuery = query.violations(ofQuery: Dictionary(uniqueKeysWithValues: query.map { ($0.name, "") }))
        let wrongKey = IdempotencyKey.schema.violations(of: "", at: "headers.\(IdempotencyKey.field)")
        let wrong = wrongInput + wrongQuery + (isIdempotent ? wrongKey : [])
        if !wrong.isEmpty { refusals.append(.validation(wrong)) }
        if body != nil {
            do { _ = try JSON(parsing: #"{"name":"#) } catch { refusals.append(.invalidJSON(error)) }
            refusals.append(.wrongMediaType)
        }
        if isIdempotent { refusals += [.idempotencyKeyReused] }
        return refusals
    }
}

extension Access {
    /// Whether a request without a credential is refused.
    package var wantsCredential: Bool { self != .open && self != .signed }
}

extension Schema {
    /// What is said of an empty object or, where that is right, of what is no object.
    fileprivate func violations(ofWrong root: String) -> [Violation] {
        let ofNothing = violations(of: [:], at: root)
        return ofNothing.isEmpty ? violations(of: [], at: root) : ofNothing
    }
}

import JSON
import Models

/// The only place that declares what an HTTP endpoint is.
///
/// What the edge routes and guards by, what OpenAPI prints, and under whose name the owner mounts its handler.
package struct Route: Sendable {
    /// An HTTP method that routes use; `HEAD` is answered by `GET` routes.
    package enum Method: String, Sendable, Hashable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// The unique name, such as `devices.create`; the bus addresses the handler by it.
    package let name: String
    /// The service that answers.
    package let service: ServiceName
    /// The method.
    package let method: Method
    /// The path with its parameters.
    package let path: PathTemplate
    /// What it does, in one line.
    package let summary: String
    /// What else a caller should know, in whole sentences; empty for nothing.
    package let notes: String
    /// Who may call it.
    package let access: Access
    /// The rate-limit buckets it counts in.
    package let buckets: Set<Bucket>
    /// What the body must look like; nil for a route that takes none.
    package let body: Schema?
    /// The query parameters.
    package let query: [Field]
    /// Whether the `Idempotency-Key` header is honoured.
    package let isIdempotent: Bool
    /// What is answered when all goes well.
    package let success: Success
    /// The refusals beyond those that follow from the rest (see ``refusals``), as the owner's handler throws them.
    package let errors: [APIError]
    /// The largest accepted body, in bytes.
    package let bodyLimit: Int
    /// How long the edge waits for the answer.
    package let deadline: Duration
}

extension Route {
    /// Whether a body is looked at; one that comes all the same is left out.
    package var takesBody: Bool { body != nil || access == .signed }

    /// The body of the answer to show; nil when there is none.
    ///
    /// Unless the route has its own, it is the schema's example with what the shown request asks for.
    package var answerExample: JSON? {
        if let whole = success.wholeExample { return whole }
        guard let example = success.schema?.example, let shown = example.object else { return success.schema?.example }
        let asked = (body?.example?.object?.members ?? []).filter { shown[$0.name] != nil }
        return .object(
            shown.merging(JSONObject(asked.map { ($0.name, $0.value) })).merging(success.particularMembers))
    }

    /// An answer that reports success.
    package struct Success: Sendable {
        /// The status code.
        package let status: Int
        /// What the body looks like; nil for none.
        package let schema: Schema?
        /// The status, with the same kind of body, for what was there before; nil where that cannot be.
        package let statusOfKnown: Int?
        /// A body to show in place of the schema's own example.
        fileprivate let wholeExample: JSON?
        /// What to show in place of some members of the schema's own example.
        fileprivate var particularMembers = JSONObject()

        private init(status: Int, schema: Schema?, statusOfKnown: Int? = nil, example: JSON? = nil) {
            self.status = status
            self.schema = schema
            self.statusOfKnown = statusOfKnown
            wholeExample = example
        }

        /// 200 with a body; `example` is shown in place of the schema's own.
        package static func ok(_ schema: Schema, example: JSON? = nil) -> Success {
            Success(status: 200, schema: schema, example: example)
        }
        /// 201 with a body; `example` is shown in place of the schema's own.
        package static func created(_ schema: Schema, example: JSON? = nil) -> Success {
            Success(status: 201, schema: schema, example: example)
        }
        /// 201 with a body, or 200 with that of what was there before.
        package static func createdOrKnown(_ schema: Schema) -> Success {
            Success(status: 201, schema: schema, statusOfKnown: 200)
        }
        /// 202 without a body.
        package static let accepted = Success(status: 202, schema: nil)
        /// The same, shown with these members in place of those of the schema's own example.
        package func showing(_ members: JSONObject) -> Success {
            var shown = self
            shown.particularMembers = members
            return shown
        }
        /// 101: the connection becomes a WebSocket.
        package static let switchingProtocols = Success(status: 101, schema: nil)
        /// 204 without a body.
        package static let noContent = Success(status: 204, schema: nil)
    }
}

/// Who may call a route.
package enum Access: Sendable, Hashable {
    /// Anyone; no credential is looked at.
    case open
    /// Anyone whose body is signed, which the owner checks itself (Stripe).
    case signed
    /// Any valid credential.
    case anyCredential
    /// An API key whose scopes grant this one, or any user.
    case scope(Scope)
    /// A user with one of these roles; API keys are refused.
    case jwt(roles: Set<Role>)

    /// Any user, whatever the role.
    package static let user = Access.jwt(roles: Set(Role.allCases))
    /// Owners and admins.
    package static let administrator = Access.jwt(roles: Role.administrators)

    /// Whether a caller with this credential may pass.
    package func admits(_ caller: Caller) -> Bool {
        switch self {
        case .open, .signed, .anyCredential: true
        case .scope(let scope): caller.holds(scope)
        case .jwt(let roles): caller.kind == .user && caller.role.map(roles.contains) == true
        }
    }
}

/// A rate limit that requests are counted in.
package enum Bucket: String, Sendable, Hashable, CaseIterable {
    /// Everything, by key, user or client address.
    case global
    /// Signing in, by client address.
    case auth
    /// Submitting commands, by key, user or client address.
    case commands
}

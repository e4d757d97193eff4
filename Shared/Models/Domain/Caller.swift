/// What an organization pays for.
package enum Plan: String, Codable, Sendable, CaseIterable {
    /// 2 devices, no API keys of one's own.
    case free
    /// 10 devices.
    case pro
    /// No limit.
    case enterprise

    /// How many devices may be registered; nil without a limit.
    package var deviceLimit: Int? {
        switch self {
        case .free: 2
        case .pro: 10
        case .enterprise: nil
        }
    }

    /// Whether API keys may be created; those that exist keep working on every plan.
    package var includesAPIKeys: Bool { self != .free }
}

/// What a member of an organization may do with the routes that take a Portal session only.
package enum Role: String, Codable, Sendable, CaseIterable {
    /// Everything.
    case owner
    /// Everything but what concerns owners.
    case admin
    /// Reading and daily work.
    case `operator`

    /// The roles that administer an organization.
    package static let administrators: Set<Role> = [.owner, .admin]
}

/// What an API key may be used for.
package enum Scope: String, Codable, Sendable, CaseIterable {
    /// Storing and reading receipts.
    case receipts
    /// Reading receipts.
    case receiptsRead = "receipts:read"
    /// Everything about receipts.
    case receiptsAdmin = "receipts:admin"
    /// Reading reports.
    case reports
    /// Reading and changing devices.
    case devices
    /// Reading devices.
    case devicesRead = "devices:read"
    /// Changing devices; the device socket.
    case devicesWrite = "devices:write"
    /// Submitting and reading commands.
    case commands
    /// Every scope.
    case all

    /// The scopes that holding this one amounts to, itself included.
    package var implied: Set<Scope> {
        switch self {
        case .all: Set(Scope.allCases)
        case .devices: [.devices, .devicesRead, .devicesWrite]
        case .receiptsAdmin: [.receiptsAdmin, .receipts, .receiptsRead]
        case .receipts: [.receipts, .receiptsRead]
        case .receiptsRead, .reports, .devicesRead, .devicesWrite, .commands: [self]
        }
    }

    /// Whether holding this scope satisfies a route that wants `wanted`.
    package func grants(_ wanted: Scope) -> Bool { implied.contains(wanted) }
}

/// Who makes a request: one API key or one Portal session of one organization.
package struct Caller: Codable, Sendable, Hashable {
    /// The kind of credential.
    package enum Kind: String, Codable, Sendable {
        /// An API key.
        case apiKey
        /// A Portal session.
        case user
    }

    /// The kind of credential.
    package let kind: Kind
    /// The organization; every query is scoped by it.
    package let orgId: OrgID
    /// The organization's plan at the moment of resolution.
    package let plan: Plan
    /// The key's scopes; `[all]` for a session.
    package let scopes: [Scope]
    /// The key, for `apiKey`.
    package let apiKeyId: APIKeyID?
    /// The user, for `user`.
    package let userId: UserID?
    /// The user's role, for `user`.
    package let role: Role?
    /// The session (`sid`), for `user`.
    package let sessionId: String?

    /// The holder of an API key.
    package init(apiKeyId: APIKeyID, orgId: OrgID, plan: Plan, scopes: [Scope]) {
        kind = .apiKey
        self.orgId = orgId
        self.plan = plan
        self.scopes = scopes
        self.apiKeyId = apiKeyId
        userId = nil
        role = nil
        sessionId = nil
    }

    /// A member with a Portal session.
    package init(userId: UserID, role: Role, sessionId: String, orgId: OrgID, plan: Plan) {
        kind = .user
        self.orgId = orgId
        self.plan = plan
        scopes = [.all]
        apiKeyId = nil
        self.userId = userId
        self.role = role
        self.sessionId = sessionId
    }

    /// Whether one of the scopes satisfies a route that wants `scope`.
    package func holds(_ scope: Scope) -> Bool { scopes.contains { $0.grants(scope) } }

    /// What stands for the credential itself: the API key's id, or the session's.
    package var credentialId: String { apiKeyId?.rawValue ?? sessionId ?? "" }
}

import JSON

extension Caller {
    /// The answer of `GET /api/v1/me`: everything but the session.
    package var me: JSON {
        var body: JSONObject = ["kind": .string(kind.rawValue), "orgId": .string(orgId.rawValue)]
        body["plan"] = .string(plan.rawValue)
        body["scopes"] = .array(scopes.map { .string($0.rawValue) })
        body["apiKeyId"] = apiKeyId.map { .string($0.rawValue) }
        body["userId"] = userId.map { .string($0.rawValue) }
        body["role"] = role.map { .string($0.rawValue) }
        return .object(body)
    }

    /// What the answer of `GET /api/v1/me` looks like.
    package static let meSchema = Schema.object([
        .required("kind", .oneOf(["apiKey", "user"])), .required("orgId", OrgID.schema),
        .required("plan", .oneOf(Plan.self)), .required("scopes", .array(of: .oneOf(Scope.self))),
        .optional("apiKeyId", APIKeyID.schema), .optional("userId", UserID.schema),
        .optional("role", .oneOf(Role.self)),
    ]).named("Me").illustrated(by: [
        "kind": "apiKey", "orgId": "acme_corp", "plan": "pro", "scopes": ["devices", "commands"],
        "apiKeyId": "apikey_abc",
    ])
}

extension Scope {
    /// What the scope permits, for documentation.
    package var meaning: String {
        switch self {
        case .receipts: "store and read receipts"
        case .receiptsRead: "read receipts"
        case .receiptsAdmin: "store, read and administer receipts"
        case .reports: "read X and Z reports"
        case .devices: "read, register, change and drive devices"
        case .devicesRead: "read devices, their state and their alerts"
        case .devicesWrite: "register, change and drive devices"
        case .commands: "submit and read commands"
        case .all: "everything"
        }
    }
}

import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let listAPIKeys = Endpoint<NoInput, [APIKey]>(
        "api-keys.list", .orgLocations, .get, "/api/v1/org/api-keys", summary: "Every API key, newest first",
        access: .administrator, success: .ok(.array(of: APIKey.schema)))

    package static let createAPIKey = Endpoint<NewAPIKey, CreatedAPIKey>(
        "api-keys.create", .orgLocations, .post, "/api/v1/org/api-keys", summary: "Creates an API key",
        notes: "This answer alone carries the key itself: only a digest of it is stored.", access: .administrator,
        body: NewAPIKey.schema, success: .created(CreatedAPIKey.schema), errors: [.keysNotIn(.free), .keyLimit(500)])

    package static let apiKey = Endpoint<NoInput, APIKey>(
        "api-keys.get", .orgLocations, .get, "/api/v1/org/api-keys/{apiKeyId}", summary: "One API key",
        access: .administrator, success: .ok(APIKey.schema), errors: [.noSuchKey])

    package static let updateAPIKey = Endpoint<APIKeyChange, APIKey>(
        "api-keys.update", .orgLocations, .patch, "/api/v1/org/api-keys/{apiKeyId}",
        summary: "Renames an API key, deactivates it or activates it again",
        notes: "An inactive key stops working everywhere within five seconds, on open sockets too.",
        access: .administrator, body: APIKeyChange.schema, success: .ok(APIKey.schema), errors: [.noSuchKey])

    package static let deleteAPIKey = Endpoint<NoInput, NoOutput>(
        "api-keys.delete", .orgLocations, .delete, "/api/v1/org/api-keys/{apiKeyId}",
        summary: "Revokes an API key for good",
        notes: "It stops working everywhere within five seconds, on open sockets too.", access: .administrator,
        success: .noContent, errors: [.noSuchKey])
}

package struct APIKey: Codable, Sendable {
    package let id: APIKeyID
    package let label: String
    package let prefix: String
    package let scopes: [Scope]
    package let active: Bool
    package let createdAt: Timestamp
    package let lastUsedAt: Timestamp?

    package init(
        id: APIKeyID, label: String, prefix: String, scopes: [Scope], active: Bool, createdAt: Timestamp,
        lastUsedAt: Timestamp?
    ) {
        self.id = id
        self.label = label
        self.prefix = prefix
        self.scopes = scopes
        self.active = active
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }

    /// `lastUsedAt` is there before the first use too.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(label, forKey: .label)
        try container.encode(prefix, forKey: .prefix)
        try container.encode(scopes, forKey: .scopes)
        try container.encode(active, forKey: .active)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(lastUsedAt, forKey: .lastUsedAt)
    }

    static let fields: [Field] = [
        .required("id", APIKeyID.schema), .required("label", .string(1...100)),
        .required("prefix", .string.described("What every key of the organization begins with")),
        .required("scopes", .array(of: .oneOf(Scope.self), min: 1)), .required("active", .boolean),
        .required("createdAt", Timestamp.schema),
        .required("lastUsedAt", Timestamp.schema.orNull.described("Up to ten seconds behind")),
    ]
    static let schema = Schema.object(fields).named("APIKey").illustrated(by: .object(sample))
    fileprivate static let sample: JSONObject = [
        "id": "apikey_abc", "label": "Casa 1", "prefix": "ebon_live_acme_corp_", "scopes": ["devices", "commands"],
        "active": true, "createdAt": "2026-04-09T08:10:00.000Z", "lastUsedAt": nil,
    ]
}

package struct CreatedAPIKey: Encodable, Sendable {
    package let apiKey: APIKey
    package let key: String

    package init(_ apiKey: APIKey, key: String) {
        self.apiKey = apiKey
        self.key = key
    }

    private enum CodingKeys: CodingKey { case key }

    package func encode(to encoder: any Encoder) throws {
        try apiKey.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
    }

    static let schema = Schema.object(
        APIKey.fields + [.required("key", .string.described("The key itself, shown this once"))]
    ).named("CreatedAPIKey").illustrated(
        by: .object(
            APIKey.sample.merging(["key": "ebon_live_acme_corp_a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6"])))
}

package struct NewAPIKey: Decodable, Sendable {
    package let label: String
    package let scopes: [Scope]

    static let schema = Schema.object([
        .required("label", .string(1...100)), .required("scopes", .array(of: .oneOf(Scope.self), min: 1)),
    ]).named("NewAPIKey").illustrated(by: ["label": "Casa 1", "scopes": ["devices", "commands"]])
}

package struct APIKeyChange: Decodable, Sendable {
    package let label: String?
    package let active: Bool?

    static let schema = Schema.object(
        [.optional("label", .string(1...100)), .optional("active", .boolean)],
        rules: [.atLeastOne(of: ["label", "active"])]
    ).named("APIKeyChange").illustrated(by: ["active": false])
}

import JSON
import Models

extension OpenAPIDocument {
    static let introduction = """
        Fiscal devices over the internet. Unknown body fields and query parameters are ignored; of a \
        parameter that comes twice the first counts. Money is RON with two places; times are ISO \
        8601, UTC. Every answer carries X-Request-Id and, but for /health and the Stripe webhook, RateLimit-Limit, \
        RateLimit-Remaining and RateLimit-Reset. What is refused before it is a request (400, 408, 417, 426, 501, 505) \
        has the same envelope, and the connection is closed. Checks come in this order: credential, rate limit, scope or \
        role, plan, existence, body, state. Scopes of API keys: \
        \(Scope.allCases.map { "`\($0.rawValue)` – \($0.meaning)" }.joined(separator: "; ")).
        """

    private static let tags = [
        "health": "Whether the service can be reached.",
        "me": "Who the credential belongs to.",
        "openapi": "This document.",
        "socket": "WebSockets: of devices, and for those who listen to events.",
        "auth": "Signing up and signing in to the portal.",
        "api-keys": "The keys that programs sign in with.",
        "members": "The people of the organization.",
        "users": "The signed-in person.",
        "org": "The organization: its name, its billing address, who is notified.",
        "notifications": "Who gets mails about what.",
        "locations": "Where the organization does business.",
        "audit": "Who changed what, and when.",
        "devices": "Fiscal devices: registration, control, state, alerts, and what is asked of them while one waits.",
        "app-instances": "The phones and tablets whose app is connected.",
        "commands": "What devices are to do: stored first, delivered when the device is there, executed once.",
        "receipts": "The write-once journal of what was printed.",
        "reports": "The X and Z reports that devices have printed.",
        "billing": "The subscription that pays for the plan.",
    ]

    /// What a group of operations is about; empty for one without a sentence, which a test refuses.
    static func meaning(ofTag tag: String) -> String { tags[tag] ?? "" }

    static let securitySchemes: JSON = [
        "apiKey": [
            "type": "apiKey", "in": "header", "name": "x-api-key",
            "description": "An API key, `ebon_live_<orgId>_<32 hex digits>`; looked at before Authorization.",
        ],
        "bearer": [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "A portal JWT, or an API key.",
        ],
    ]

    /// Either of the two headers will do.
    static func security(of access: Access) -> [JSON] {
        switch access {
        case .open, .signed: []
        case .anyCredential: [["apiKey": []], ["bearer": []]]
        case .scope(let scope):
            [["apiKey": [.string(scope.rawValue)]], ["bearer": [.string(scope.rawValue)]]]
        case .jwt: [["bearer": []]]
        }
    }

    static func sentence(on access: Access) -> String {
        switch access {
        case .open: "Public."
        case .signed: "Public; the body is signed."
        case .anyCredential: "Any valid credential."
        case .scope(let scope): "API key with scope `\(scope.rawValue)`, or portal JWT."
        case .jwt(let roles):
            roles.count == Role.allCases.count
                ? "Portal JWT only."
                : "Portal JWT only, role \(Role.allCases.filter(roles.contains).map(\.rawValue).joined(separator: " or "))."
        }
    }

    static func phrase(_ status: Int) -> String {
        switch status {
        case 101: "The connection is a WebSocket from here on"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No content"
        default: "OK"
        }
    }

    static let errorSchema = Schema.object([
        .required(
            "error",
            .object([
                .required("code", .oneOf(APIError.Code.self)), .required("message", .string),
                .optional("details", .any.described("For VALIDATION_ERROR every wrong field: `[{path, message}]`.")),
            ]))
    ]).named("Error")

    static let rateLimitSchema = Schema.object([
        .required("code", .oneOf([APIError.Code.rateLimitExceeded.rawValue])), .required("message", .string),
        .required("status", .integer(429...429)),
    ]).named("RateLimitError")
}

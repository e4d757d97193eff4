import JSON
import Models

extension OpenAPIDocument {
    static let introduction = """
        Fiscal devices over the internet. Every answer carries X-Request-Id and RateLimit-Limit, RateLimit-Remaining \
        and RateLimit-Reset. Unknown body fields are ignored. Money is RON with two places. Scopes: \
        \(Scope.allCases.map { "`\($0.rawValue)` – \($0.meaning)" }.joined(separator: "; ")).
        """

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

    static func example(of code: APIError.Code) -> JSON {
        let error: APIError =
            switch code {
            case .validationError: .validation("body.name", "name is required")
            case .rateLimitExceeded: .rateLimited(retryAfter: 12)
            case .deviceError: .deviceError(code: "E012", message: "Paper end", retryable: true)
            case .commandTimeout: .commandTimeout(commandId: "cmd_abc123")
            case .internalError: .unexpected
            default: APIError(code, code.rawValue.lowercased().split(separator: "_").joined(separator: " "))
            }
        return error.body
    }
}

extension Route {
    /// Every refusal that a caller may meet: those that follow from the declaration, and the route's own.
    package var refusals: [APIError.Code] {
        var codes: [APIError.Code] = []
        switch access {
        case .open: break
        case .signed: codes = [.badRequest]
        case .anyCredential: codes = [.unauthorized]
        case .scope, .jwt: codes = [.unauthorized, .forbidden]
        }
        if body != nil { codes += [.validationError, .badRequest, .payloadTooLarge, .unsupportedMediaType] }
        if !query.isEmpty { codes.append(.validationError) }
        if isIdempotent { codes += [.badRequest, .conflict, .unprocessableEntity] }
        if !buckets.isEmpty { codes.append(.rateLimitExceeded) }
        return codes + errors + [.internalError, .serviceUnavailable]
    }
}

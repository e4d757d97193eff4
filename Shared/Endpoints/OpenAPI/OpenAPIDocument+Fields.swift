import JSON
import Models

/// The header fields that many operations have in common.
extension OpenAPIDocument {
    static let parameters: JSON = [
        "X-Request-Id": [
            "name": "X-Request-Id", "in": "header", "required": false,
            "description":
                "Comes back on the answer and stands in every log line; made up unless it is 1 to 128 printable ASCII characters.",
            "schema": ["type": "string"], "example": "checkout-4711",
        ],
        "Idempotency-Key": [
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description":
                """
            The organization's own: within 24 hours the same request gets the original answer, and another body, device \
            or route gets 422.
            """,
            "schema": IdempotencyKey.schema.openAPI, "example": "order-2026-000123",
        ],
        "Stripe-Signature": [
            "name": "Stripe-Signature", "in": "header", "required": true,
            "description": "HMAC-SHA256 of the time, a point and the body: t=…,v1=….",
            "schema": ["type": "string"], "example": "t=1775722200,v1=5257a869",
        ],
    ]

    private static let event = Schema.object([
        .required("id", .string(1...64)), .required("type", .string(1...64)),
        .required("created", .integer(0...99_999_999_999)),
        .required("data", .object([.required("object", .freeFormObject)])),
    ]).illustrated(by: [
        "id": "evt_abc123", "type": "customer.subscription.updated", "created": 1_775_722_200,
        "data": ["object": ["id": "sub_abc123", "object": "subscription"]],
    ])

    static let signedBody: JSON = [
        "required": true, "description": "An event as Stripe signs it, taken byte by byte.",
        "content": [
            "application/json": [
                "schema": event.openAPI, "example": event.example ?? [:],
            ]
        ],
    ]

    static let rateLimitHeaders = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy"]

    static let headers: JSON = [
        "X-Request-Id": header("The request's own id, or one that was made up.", ["type": "string"], "checkout-4711"),
        "RateLimit-Limit": header("Requests in a window, of the tightest limit.", count, 150),
        "RateLimit-Remaining": header("How many of them are left.", count, 149),
        "RateLimit-Reset": header("Whole seconds until one becomes free.", count, 12),
        "RateLimit-Policy": header(
            "Present while limits are counted by this edge alone.", ["const": "degraded"], "degraded", false),
        "Retry-After": header("Whole seconds after which to try again.", ["type": "integer", "minimum": 1], 12, false),
        "Allow": header("The methods that the path has.", ["type": "string"], "GET, HEAD, POST"),
        "WWW-Authenticate": header("How to authenticate.", ["const": "Bearer"], "Bearer"),
        "Idempotent-Replayed": header("The original answer, given again.", ["const": "true"], "true", false),
        "Upgrade": header("What to upgrade to.", ["const": "websocket"], "websocket"),
        "Sec-WebSocket-Version": header("The version that is spoken.", ["const": "13"], "13"),
    ]

    private static let count: JSON = ["type": "integer", "minimum": 0]

    private static func header(_ description: String, _ schema: JSON, _ example: JSON, _ required: Bool = true) -> JSON
    {
        ["description": .string(description), "required": .bool(required), "schema": schema, "example": example]
    }
}

import JSON
import Models

extension OpenAPIDocument {
    mutating func responses(of route: Route) -> JSONObject {
        var success: JSONObject = ["description": .string(Self.phrase(route.success.status))]
        var headers = Self.headers(of: route)
        if route.isIdempotent { headers.append("Idempotent-Replayed") }
        success["headers"] = Self.references(toHeaders: headers)
        if let schema = route.success.schema {
            success["content"] = ["application/json": content(schema, route.answerExample)]
        }
        var responses: JSONObject = [String(route.success.status): .object(success)]
        if let status = route.success.statusOfKnown {
            success["description"] = "It was there before."
            responses[String(status)] = .object(success)
        }
        for (status, refusals) in Dictionary(grouping: route.refusals, by: \.status).sorted(by: { $0.key < $1.key }) {
            responses[String(status)] = response(refusals, of: route)
        }
        return responses
    }

    /// The refusals of one status; those that many routes have alike are written once.
    private mutating func response(_ refusals: [APIError], of route: Route) -> JSON {
        let codes = refusals.reduce(into: [APIError.Code]()) { if !$0.contains($1.code) { $0.append($1.code) } }
        guard refusals.count == 1, Self.sharedCodes.contains(codes[0]), !route.buckets.isEmpty else {
            return response(refusals, codes, Self.headers(of: route))
        }
        let headers = Self.headers(of: route)
        return share(codes[0].rawValue) { $0.response(refusals, codes, headers) }
    }

    private mutating func response(_ refusals: [APIError], _ codes: [APIError.Code], _ headers: [String]) -> JSON {
        let schema = codes == [.rateLimitExceeded] ? Self.rateLimitSchema : Self.errorSchema
        var examples = JSONObject()
        for refusal in refusals {
            let name = refusal.code.rawValue
            let taken = examples.members.count { $0.name.hasPrefix(name) }
            examples[taken == 0 ? name : "\(name)_\(taken + 1)"] = ["value": refusal.body]
        }
        let particular =
            refusals.flatMap { $0.headers.map(\.name) } + (codes == [.unauthorized] ? ["WWW-Authenticate"] : [])
        return [
            "description": .string(codes.map(\.rawValue).joined(separator: ", ")),
            "headers": Self.references(toHeaders: headers + particular),
            "content": ["application/json": ["schema": print(schema), "examples": .object(examples)]],
        ]
    }

    /// Codes of which there is one refusal, the same wherever it is met.
    private static let sharedCodes: Set<APIError.Code> = [
        .unauthorized, .methodNotAllowed, .payloadTooLarge, .uriTooLong, .unsupportedMediaType,
        .requestHeaderFieldsTooLarge, .rateLimitExceeded, .internalError, .serviceUnavailable,
    ]

    private static func headers(of route: Route) -> [String] {
        route.buckets.isEmpty ? ["X-Request-Id"] : ["X-Request-Id"] + rateLimitHeaders
    }

    private static func references(toHeaders names: [String]) -> JSON {
        .object(JSONObject(names.map { ($0, ["$ref": .string("#/components/headers/\($0)")]) }))
    }
}

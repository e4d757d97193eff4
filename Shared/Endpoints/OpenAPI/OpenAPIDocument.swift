import JSON
import Models

/// The OpenAPI 3.1 document of routes, printed from the same values that route, guard and validate.
///
/// - Parameter version: the version of the system.
package func openAPIDocument(routes: [Route], version: String) -> JSON {
    var document = OpenAPIDocument()
    var paths = JSONObject()
    for route in routes {
        let path = route.path.description
        var item = paths[path]?.object ?? [:]
        item[route.method.rawValue.lowercased()] = document.operation(route)
        paths[path] = .object(item)
    }
    for command in CommandCatalogue.all { document.define(command.payload) }
    return [
        "openapi": "3.1.0",
        "info": [
            "title": "e-bon", "version": .string(version),
            "description": .string(OpenAPIDocument.introduction),
        ],
        "servers": [["url": "/"]],
        "paths": .object(paths),
        "components": [
            "securitySchemes": OpenAPIDocument.securitySchemes,
            "schemas": .object(document.sortedComponents),
        ],
    ]
}

/// One printing: collects the named schemas while the operations are written.
struct OpenAPIDocument {
    private var components: [String: JSON] = [:]

    var sortedComponents: JSONObject {
        JSONObject(components.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    mutating func define(_ schema: Schema) { _ = schema.openAPI(components: &components) }

    mutating func operation(_ route: Route) -> JSON {
        var operation: JSONObject = [
            "operationId": .string(route.name), "summary": .string(route.summary),
            "tags": [.string(String(route.name.prefix { $0 != "." }))],
        ]
        operation["description"] = .string(description(of: route))
        let parameters = parameters(of: route)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = route.body {
            operation["requestBody"] = [
                "required": .bool(!body.violations(of: [:], at: "body").isEmpty),
                "content": ["application/json": ["schema": body.openAPI(components: &components)]],
            ]
        }
        operation["responses"] = .object(responses(of: route))
        operation["security"] = .array(Self.security(of: route.access))
        return .object(operation)
    }

    private func description(of route: Route) -> String {
        var sentences = [Self.sentence(on: route.access)]
        for bucket in Bucket.allCases where route.buckets.contains(bucket) {
            sentences.append("Counts in the rate limit \(bucket.rawValue).")
        }
        if !route.notes.isEmpty { sentences.append(route.notes) }
        return sentences.joined(separator: " ")
    }

    private mutating func parameters(of route: Route) -> [JSON] {
        var parameters: [JSON] = route.path.parameters.map { name in
            ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string"]]
        }
        for field in route.query {
            var schema = field.schema.openAPI(components: &components)
            if let value = field.defaultValue, case .object(var words) = schema {
                words["default"] = value
                schema = .object(words)
            }
            parameters.append(
                ["name": .string(field.name), "in": "query", "required": .bool(field.isRequired), "schema": schema])
        }
        if route.isIdempotent {
            parameters.append([
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description":
                    "The same key and body within 24 hours get the original answer; another body gets 422.",
                "schema": IdempotencyKey.schema.openAPI,
            ])
        }
        return parameters
    }

    private mutating func responses(of route: Route) -> JSONObject {
        var success: JSONObject = ["description": .string(Self.phrase(route.success.status))]
        if let schema = route.success.schema {
            success["content"] = ["application/json": ["schema": schema.openAPI(components: &components)]]
        }
        var responses: JSONObject = [String(route.success.status): .object(success)]
        if let status = route.success.statusOfKnown {
            success["description"] = "It was there before."
            responses[String(status)] = .object(success)
        }
        var codes: [Int: [APIError.Code]] = [:]
        for code in route.refusals where codes[code.status]?.contains(code) != true {
            codes[code.status, default: []].append(code)
        }
        for (status, codes) in codes.sorted(by: { $0.key < $1.key }) {
            responses[String(status)] = refusal(codes)
        }
        return responses
    }

    private mutating func refusal(_ codes: [APIError.Code]) -> JSON {
        let schema = codes == [.rateLimitExceeded] ? Self.rateLimitSchema : Self.errorSchema
        return [
            "description": .string(codes.map(\.rawValue).joined(separator: ", ")),
            "content": [
                "application/json": [
                    "schema": schema.openAPI(components: &components),
                    "examples": .object(JSONObject(codes.map { ($0.rawValue, ["value": Self.example(of: $0)]) })),
                ]
            ],
        ]
    }
}

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
    let tags = routes.map(\.tag).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return [
        "openapi": "3.1.0",
        "info": [
            "title": "e-bon", "version": .string(version),
            "description": .string(OpenAPIDocument.introduction),
        ],
        "servers": [["url": "/"]],
        "tags": .array(tags.map { ["name": .string($0), "description": .string(OpenAPIDocument.meaning(ofTag: $0))] }),
        "paths": .object(paths),
        "components": [
            "securitySchemes": OpenAPIDocument.securitySchemes,
            "parameters": OpenAPIDocument.parameters,
            "headers": OpenAPIDocument.headers,
            "responses": .object(document.sharedResponses),
            "schemas": .object(document.sortedComponents),
        ],
    ]
}

/// One printing: collects what the operations refer to while they are written.
struct OpenAPIDocument {
    private var components: [String: JSON] = [:]
    private var responses: [String: JSON] = [:]

    var sortedComponents: JSONObject { JSONObject(components.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }) }
    var sharedResponses: JSONObject { JSONObject(responses.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }) }

    mutating func print(_ schema: Schema) -> JSON { schema.openAPI(components: &components) }

    mutating func operation(_ route: Route) -> JSON {
        var operation: JSONObject = [
            "operationId": .string(route.name), "summary": .string(route.summary),
            "tags": [.string(route.tag)], "description": .string(description(of: route)),
            "parameters": .array(parameters(of: route)),
        ]
        if let body = route.body {
            operation["requestBody"] = [
                "required": .bool(!body.violations(of: [:], at: "body").isEmpty),
                "content": ["application/json": content(body, body.example)],
            ]
        } else if route.access == .signed {
            operation["requestBody"] = Self.signedBody
        }
        operation["responses"] = .object(responses(of: route))
        operation["security"] = .array(Self.security(of: route.access))
        return .object(operation)
    }

    mutating func content(_ schema: Schema, _ example: JSON?) -> JSON {
        var content: JSONObject = ["schema": print(schema)]
        content["example"] = example
        return .object(content)
    }

    /// Puts a response among the components, once, and refers to it.
    mutating func share(_ name: String, _ response: (inout OpenAPIDocument) -> JSON) -> JSON {
        if responses[name] == nil { responses[name] = response(&self) }
        return ["$ref": "#/components/responses/\(name)"]
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
            let schema = PathTemplate.schema(ofParameter: name) ?? .string(min: 1)
            return parameter(.required(name, schema), in: "path")
        }
        for field in route.query { parameters.append(parameter(field, in: "query")) }
        if route.isIdempotent { parameters.append(["$ref": "#/components/parameters/Idempotency-Key"]) }
        if route.access == .signed { parameters.append(["$ref": "#/components/parameters/Stripe-Signature"]) }
        parameters.append(["$ref": "#/components/parameters/X-Request-Id"])
        return parameters
    }

    private mutating func parameter(_ field: Field, in place: String) -> JSON {
        var schema = print(field.schema)
        if let value = field.defaultValue, case .object(var words) = schema {
            words["default"] = value
            schema = .object(words)
        }
        var parameter: JSONObject = [
            "name": .string(field.name), "in": .string(place), "required": .bool(field.isRequired), "schema": schema,
        ]
        parameter["description"] = field.schema.description.map(JSON.string)
        parameter["example"] = field.schema.example
        return .object(parameter)
    }
}

extension Route {
    /// The group that the document lists it in: the first word of its name.
    var tag: String { String(name.prefix { $0 != "." }) }
}

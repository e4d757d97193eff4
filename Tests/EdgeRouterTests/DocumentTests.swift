import Endpoints
import Testing

@testable import EdgeRouter
@testable import JSON

@Suite("The OpenAPI document of the product") struct DocumentTests {
    private static let names = allRoutes.map(\.name)

    private static func route(_ name: String) throws -> Route {
        try #require(allRoutes.first { $0.name == name })
    }

    @Test("shows a body wherever one is sent or answered, and each is what the route takes or gives", arguments: names)
    func bodies(name: String) throws {
        let route = try Self.route(name)
        if let body = route.body {
            let example = try #require(body.example, "\(route.name) wants an example of its body")
            #expect(body.violations(of: example, at: "body") == [])
        }
        if let schema = route.success.schema {
            let example = try #require(route.success.example, "\(route.name) wants an example of its answer")
            #expect(schema.violations(of: example, at: "answer") == [])
        }
    }

    @Test("illustrates no schema with what it refuses", arguments: names)
    func parts(name: String) throws {
        let route = try Self.route(name)
        let schemas = [route.body, route.success.schema].compactMap { $0 } + route.query.map(\.schema)
        for part in schemas.flatMap(Self.parts) {
            guard let example = part.declaredExample else { continue }
            #expect(part.violations(of: example, at: part.name ?? route.name) == [])
        }
    }

    @Test("says what every parameter of a path and every group stands for", arguments: names)
    func words(name: String) throws {
        let route = try Self.route(name)
        for name in route.path.parameters {
            let schema = try #require(PathTemplate.schema(ofParameter: name), "what is a \(name)?")
            #expect(schema.example != nil && schema.description != nil)
        }
        let document = openAPIDocument(routes: [route], version: "1")
        #expect(document["tags"]?[0]?["description"] != "", "\(route.name)'s group has no sentence")
    }

    private static func parts(of schema: Schema) -> [Schema] {
        let below: [Schema] =
            switch schema.kind {
            case .any, .string, .enumeration, .integer, .decimal, .choice, .boolean: []
            case .array(let element, _, _): [element]
            case .object(let fields, _): fields.map(\.schema)
            case .variants(let fields, _, let variants): (fields + variants.flatMap(\.fields)).map(\.schema)
            case .map(let value): [value]
            case .alternatives(let schemas): schemas
            case .nullable(let schema): [schema]
            }
        return [schema] + below.flatMap(parts)
    }
}

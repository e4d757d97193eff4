import Endpoints
import Models
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
            let example = try #require(route.answerExample, "\(route.name) wants an example of its answer")
            #expect(schema.violations(of: example, at: "answer") == [])
        }
    }

    @Test("shows the answer to the request that it shows", arguments: names)
    func echoes(name: String) throws {
        let route = try Self.route(name)
        let sent = route.body?.example?.object?.members ?? []
        let given = try Self.answer(name)
        for member in sent {
            guard let value = given[member.name], value != .null else { continue }
            #expect(value == member.value, "\(member.name)")
        }
    }

    @Test(
        "shows things in the state in which the request leaves them",
        arguments: [
            ("devices.create", ["status": "offline", "controllerId": nil, "controllerName": nil]),
            ("devices.release", ["controllerId": nil, "controllerName": nil]),
            ("commands.create", ["status": "pending", "outcome": nil]),
            ("commands.cancel", ["status": "cancelled", "outcome": "not_executed"]),
            ("receipts.create", ["commandId": nil]), ("members.invite", ["status": "invited", "displayName": nil]),
        ] as [(String, JSONObject)])
    func states(name: String, expected: JSONObject) throws {
        let given = try Self.answer(name)
        for member in expected.members { #expect(given[member.name] == member.value, "\(member.name)") }
    }

    @Test("shows reports of the kind that is asked for, by the ids that they have", arguments: ["x", "z"])
    func reports(type: String) throws {
        let report = try #require(try Self.answer("reports.\(type)")["reports"]?[0])
        #expect(report["type"] == .string(type))
        #expect((report["zNumber"] != nil) == (type == "z"))
        #expect(CommandID.schema.violations(of: try #require(report["id"]), at: "id") == [])
    }

    @Test("says that a socket is refused for want of a scope")
    func socketScope() throws {
        #expect(try Self.route("socket").refusals.contains { $0.code == .forbidden })
    }

    /// The members of what is answered, without the one that stands around them.
    private static func answer(_ name: String) throws -> JSONObject {
        let given = try route(name).answerExample?.object ?? JSONObject()
        return given.count == 1 ? given.members[0].value.object ?? given : given
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

    @Test("says what every free text in a query stands for", arguments: names)
    func freeTexts(name: String) throws {
        for parameter in try Self.route(name).query {
            guard case .string(_, _, nil) = parameter.schema.kind else { continue }
            #expect(parameter.schema.description != nil, "\(parameter.name)")
        }
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

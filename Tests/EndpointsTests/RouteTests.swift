import JSON
import Models
import Testing

@testable import Endpoints

@Suite("A route") struct RouteTests {
    @Test("knows its text and its parameters")
    func text() {
        #expect(createThing.route.path.description == "/api/v1/things/{thingId}")
        #expect(createThing.route.path.parameters == ["thingId"])
    }

    @Test("admits only callers that its access permits")
    func access() {
        let key = Caller(apiKeyId: "apikey_1", orgId: "acme_corp", plan: .pro, scopes: [.devices])
        let clerk = Caller(userId: "usr_1", role: .operator, sessionId: "ses_1", orgId: "acme_corp", plan: .pro)
        let owner = Caller(userId: "usr_2", role: .owner, sessionId: "ses_2", orgId: "acme_corp", plan: .pro)
        let table: [(Access, [Bool])] = [
            (.open, [true, true, true]), (.anyCredential, [true, true, true]),
            (.scope(.devicesRead), [true, true, true]), (.scope(.commands), [false, true, true]),
            (.user, [false, true, true]), (.administrator, [false, false, true]),
        ]
        for (access, admitted) in table {
            #expect([key, clerk, owner].map(access.admits) == admitted, "\(access)")
        }
    }

    @Test("counts in the global bucket unless it says otherwise")
    func buckets() {
        #expect(createThing.route.buckets == [.global])
        let webhook = Endpoint<NoInput, NoOutput>(
            "hook", .billingWebhooks, .post, "/hook", summary: "", access: .signed,
            isRateLimited: false, success: .ok(.any))
        #expect(webhook.route.buckets.isEmpty)
    }
}

@Suite("The OpenAPI document") struct OpenAPITests {
    private let document = openAPIDocument(routes: [createThing.route, listThings.route], version: "1.2.3")

    @Test("has every route under its path and method")
    func paths() {
        #expect(document["openapi"] == "3.1.0" && document["info"]?["version"] == "1.2.3")
        let operation = document["paths"]?["/api/v1/things/{thingId}"]?["post"]
        #expect(operation?["operationId"] == "things.create")
        #expect(operation?["parameters"]?[0]?["name"] == "thingId")
        #expect(operation?["parameters"]?[1] == ["$ref": "#/components/parameters/Idempotency-Key"])
        #expect(operation?["security"] == [["apiKey": ["devices:write"]], ["bearer": ["devices:write"]]])
        #expect(document["paths"]?["/api/v1/things"]?["get"]?["parameters"]?[1]?["schema"]?["default"] == 50)
    }

    @Test("lists every refusal that a caller may meet")
    func refusals() {
        let responses = document["paths"]?["/api/v1/things/{thingId}"]?["post"]?["responses"]?.object
        let statuses = [
            "201", "400", "401", "403", "404", "405", "413", "414", "415", "422", "429", "431", "500", "503",
        ]
        #expect(responses?.members.map(\.name) == statuses)
        let wrong = responses?["400"]?["content"]?["application/json"]?["examples"]
        #expect(wrong?["VALIDATION_ERROR"]?["value"]?["error"]?["details"]?[0]?["message"] == "name is required")
        #expect(responses?["401"] == ["$ref": "#/components/responses/UNAUTHORIZED"])
    }

    @Test("refers only to schemas that it contains")
    func references() {
        let references = Self.references(in: document)
        #expect(references.contains("#/components/schemas/Thing"))
        for reference in references {
            let found = reference.split(separator: "/").dropFirst().reduce(document as JSON?) { $0?[String($1)] }
            #expect(found != nil, "\(reference)")
        }
    }

    private static func references(in value: JSON) -> Set<String> {
        switch value {
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .object(let object):
            object.members.reduce(into: []) { found, member in
                if member.name == "$ref", let reference = member.value.string { found.insert(reference) }
                found.formUnion(references(in: member.value))
            }
        default: []
        }
    }
}

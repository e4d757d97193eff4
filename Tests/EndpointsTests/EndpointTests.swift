import JSON
import Models
import Testing

@testable import Endpoints

struct Thing: Codable, Sendable, Equatable {
    var name: String
    var limit: Int?
}

let createThing = Endpoint<Thing, Thing>(
    "things.create", .orgLocations, .post, "/api/v1/things/{thingId}", summary: "Creates a thing.",
    access: .scope(.devicesWrite), body: .object([.required("name", .string(1...5))]), isIdempotent: true,
    success: .created(Schema.object([.required("name", .string)]).named("Thing")),
    errors: [.notFound("Thing not found")])

let listThings = Endpoint<Thing, [Thing]>(
    "things.list", .orgLocations, .get, "/api/v1/things", summary: "Lists things.", access: .user,
    query: [.required("name", .string(min: 1)), .optional("limit", .integer(1...100), default: 50)],
    success: .ok(.array(of: .freeFormObject)))

@Suite("The input of an endpoint") struct EndpointTests {
    private func input(_ body: String, _ contentType: String? = "application/json") throws -> Thing {
        try createThing.input(body: Array(body.utf8)[...], contentType: contentType, query: [:])
    }

    @Test(
        "is decoded from the body",
        arguments: ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"])
    func body(contentType: String) throws {
        #expect(try input(#"{"name":"x"}"#, contentType) == Thing(name: "x"))
    }

    @Test("is decoded from the query string where there is no body")
    func query() throws {
        let thing = try listThings.input(body: [], contentType: nil, query: ["name": "7"])
        #expect(thing == Thing(name: "7", limit: 50))
    }

    @Test(
        "is refused with what is wrong",
        arguments: [
            (#"{"name":"x"}"#, nil, "UNSUPPORTED_MEDIA_TYPE"),
            (#"{"name":"x"}"#, "text/plain", "UNSUPPORTED_MEDIA_TYPE"),
            (#"{"name":"x"}"#, "application/jsonp", "UNSUPPORTED_MEDIA_TYPE"), ("{", "application/json", "BAD_REQUEST"),
            ("{}", "application/json", "VALIDATION_ERROR"), ("", nil, "VALIDATION_ERROR"),
            ("[]", "application/json", "VALIDATION_ERROR"),
        ])
    func refusals(body: String, contentType: String?, code: String) throws {
        let error = try #require(throws: APIError.self) { try input(body, contentType) }
        #expect(error.code.rawValue == code)
    }

    @Test("is refused with the path of every wrong field")
    func details() throws {
        let error = try #require(throws: APIError.self) {
            try listThings.input(body: [], contentType: nil, query: ["limit": "0"])
        }
        let text = """
            {"error":{"code":"VALIDATION_ERROR","message":"Request validation failed","details":[\
            {"path":"query.name","message":"name is required"},\
            {"path":"query.limit","message":"limit must be between 1 and 100"}]}}
            """
        #expect(String(decoding: error.envelope(), as: UTF8.self) == text)
    }
}

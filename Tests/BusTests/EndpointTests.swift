import Crypto
import Endpoints
import EventLoop
import JSON
import Models
import Redis
import TestSupport
import Testing

@testable import Bus

@Suite("An endpoint on the bus", .timeLimit(.minutes(1))) @Loop struct EndpointTests {
    private struct Input: Codable, Sendable { let name: String }
    private struct Output: Codable, Sendable { let greeting: String }

    private static let schema = Schema.object([.required("name", .string(min: 1))])
    private static let greet = Endpoint<Input, Output>(
        "greetings.create", .gateway, .post, "/api/v1/greetings/{place}", summary: "Greets", access: .anyCredential,
        body: schema, success: .created(schema))
    private static let open = Endpoint<NoInput, NoOutput>(
        "greetings.delete", .gateway, .delete, "/api/v1/greetings", summary: "Ends it", access: .open,
        success: .noContent)

    @Test("gives its handler caller, path and validated input, and answers with the route's status")
    func success() async throws {
        try await withEndpoint { call in
            Output(greeting: "\(call.orgId) \(call.path("place")) \(try call.input().name) \(call.header("x") ?? "")")
        } body: { bus in
            let reply = try await bus.call(try request(#"{"name":"Ana"}"#), to: .gateway)
            #expect(reply.status == 201)
            #expect(reply.headers == ["content-type": "application/json"])
            #expect(reply.text == #"{"greeting":"acme_corp Cluj Ana y"}"#)
        }
    }

    @Test("answers errors with their envelopes, and what nobody expected with a bare 500")
    func errors() async throws {
        try await withEndpoint { call in
            switch try call.input().name {
            case "gone": throw APIError.notFound("Device not found")
            case "busy": throw RedisError.unavailable
            default: throw Unexpected()
            }
        } body: { bus in
            let cases: [(String, Int, String)] = [
                (#"{"name":"gone"}"#, 404, "NOT_FOUND"), (#"{"name":"busy"}"#, 503, "SERVICE_UNAVAILABLE"),
                (#"{"name":"other"}"#, 500, "INTERNAL_ERROR"), (#"{"name":""}"#, 400, "VALIDATION_ERROR"),
                ("{", 400, "BAD_REQUEST"),
            ]
            for (body, status, code) in cases {
                let reply = try await bus.call(try request(body), to: .gateway)
                #expect(reply.status == status)
                #expect(try JSON(parsing: reply.body)["error"]?["code"] == .string(code))
                #expect(!reply.text.contains("Unexpected"))
            }
        }
    }

    @Test("refuses a request without a caller, unless it is open")
    func callers() async throws {
        try await withEndpoint { _ in
            Output(greeting: "")
        } body: { bus in
            var stranger = try request("{}")
            stranger.caller = nil
            #expect(try await bus.call(stranger, to: .gateway).status == 401)
            stranger.endpoint = Self.open.route.name
            #expect(try await bus.call(stranger, to: .gateway) == BusReply(status: 204))
        }
    }

    @Test("refuses a caller whom no edge has vouched for, or not lately, and executes nothing")
    func forgedCallers() async throws {
        var executed = 0
        try await withEndpoint { _ in
            executed += 1
            return Output(greeting: "")
        } body: { bus in
            let forger = SignedCaller(keys: SigningKeys(current: Array(repeating: 3, count: 32)))
            let unsigned = String(decoding: try JSON(encoding: Self.caller).serialized(), as: UTF8.self)
            let texts = [
                "", unsigned, try forger.vouch(for: Self.caller, at: .now()),
                try SignedCaller.ofTests.vouch(for: Self.caller, at: .now() - .seconds(62)),
                SignedCaller.ofTests.sign(Array("{}".utf8), expiresAt: Timestamp.now().milliseconds / 1000 + 60),
            ]
            for text in texts {
                var forged = try request(#"{"name":"Ana"}"#)
                forged.caller = text
                let reply = try await bus.call(forged, to: .gateway)
                #expect(reply.status == 503 && reply.headers["retry-after"] == "1")
            }
            #expect(executed == 0)
            #expect(try await bus.call(request(#"{"name":"Ana"}"#), to: .gateway).status == 201)
        }
    }

    @Test("forgets a caller whom it has believed when the signature expires")
    func expiredCaller() throws {
        let clock = Clock()
        let verifier = CallerVerifier(signature: .ofTests, clock: BusClock { clock.now })
        let text = try SignedCaller.ofTests.vouch(for: Self.caller, at: clock.now)
        #expect(try verifier.caller(of: text) == Self.caller)
        clock.now = clock.now + .seconds(59)
        #expect(try verifier.caller(of: text) == Self.caller)
        clock.now = clock.now + .seconds(3)
        #expect(throws: NotVouchedFor.self) { try verifier.caller(of: text) }
    }

    private static let caller = Caller(apiKeyId: "apikey_1", orgId: "acme_corp", plan: .pro, scopes: [.all])

    private func request(_ body: String) throws -> BusRequest {
        var request = BusRequest.to("greetings.create", body: body)
        request.caller = try Self.caller.vouched
        request.path = ["place": "Cluj"]
        request.headers = ["content-type": "application/json", "x": "y"]
        return request
    }

    private func withEndpoint(
        _ handler: @escaping @Loop (Call<Input>) async throws -> Output, body: @Loop (Bus) async throws -> Void
    ) async throws {
        try await BusFixture.run { fixture in
            let bus = try await fixture.start(.gateway, "a") { bus in
                bus.mount(Self.greet, handler)
                bus.mount(Self.open) { _ in NoOutput() }
            }
            try await body(bus)
        }
    }
}

private struct Unexpected: Error {}

@Loop private final class Clock {
    var now = Timestamp.now()
}

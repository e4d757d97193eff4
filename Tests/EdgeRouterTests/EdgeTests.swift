import Bus
import Crypto
import Endpoints
import EventLoop
import HTTP
import JSON
import Models
import ServiceRuntime
import TestSupport
import Testing

@testable import EdgeRouter

@Suite("The edge", .timeLimit(.minutes(1))) @Loop struct EdgeTests {
    private static let json: HTTPHeaders = ["Content-Type": "application/json"]

    @Test("answers /health and /me itself, the latter with the limits' figures")
    func ownAnswers() async throws {
        try await EdgeFixture.run { fixture in
            let health = try await fixture.client.request(.get, "/health", headers: ["X-Request-Id": "mine"])
            #expect(health.status == 200 && health.headers["RateLimit-Limit"] == nil)
            #expect(health.headers["X-Request-Id"] == "mine")
            #expect(try JSON(parsing: health.body)["status"] == "ok")
            let key = fixture.addKey(scopes: [.devicesRead])
            for remaining in [149, 148] {
                let me = try await fixture.client.request(.get, "/api/v1/me", headers: ["x-api-key": key])
                #expect(me.status == 200)
                #expect(me.headers["RateLimit-Remaining"] == String(remaining))
                #expect(me.headers["Cache-Control"] == "no-store")
                #expect(
                    me.text
                        == #"{"kind":"apiKey","orgId":"acme_corp","plan":"pro","scopes":["devices:read"],"apiKeyId":"apikey_1"}"#
                )
            }
            #expect(fixture.questions == 1)
            let token = fixture.addSession(.admin)
            let user = try await fixture.client.request(
                .get, "/api/v1/me", headers: ["Authorization": "bearer \(token)"])
            #expect(try JSON(parsing: user.body)["role"] == "admin")
            let document = try await fixture.client.request(.get, "/api/v1/openapi.json")
            #expect(try JSON(parsing: document.body)["paths"]?["/api/v1/things"] != nil)
        }
    }

    @Test("forwards what the owner needs, and its reply untouched")
    func forwarding() async throws {
        try await EdgeFixture.run { fixture in
            let key = fixture.addKey(scopes: [.all])
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let response = try await fixture.client.request(
                .post, "/api/v1/commands?dry=a%20b&dry=c",
                headers: [
                    "x-api-key": key, "Content-Type": "application/json; charset=utf-8", "X-Request-Id": "r-1",
                    "traceparent": trace, "tracestate": "vendor=1", "Idempotency-Key": "once", "Cookie": "secret",
                ], body: Array("{ }".utf8))
            #expect(response.status == 201)
            #expect(response.text == #"{"raw" : 1.50}"#)
            #expect(response.headers["Idempotent-Replayed"] == "true")
            #expect(response.headers["RateLimit-Limit"] == "50")
            let request = try #require(fixture.requests.first)
            #expect(request.query == ["dry": "a b"] && request.body == Array("{ }".utf8))
            #expect(
                request.headers == [
                    "content-type": "application/json; charset=utf-8", "idempotency-key": "once",
                    "x-forwarded-for": "127.0.0.1",
                ])
            #expect(request.requestId == "r-1" && request.trace == TraceContext(parent: trace, state: "vendor=1"))
            #expect(try request.caller.map(readCaller)?.apiKeyId == "apikey_1")
            let get = try await fixture.client.request(.head, "/api/v1/things/a%2Fb", headers: ["x-api-key": key])
            #expect(get.status == 201 && get.body.isEmpty)
            #expect(fixture.requests.last?.path == ["thingId": "a/b"])
        }
    }

    private func readCaller(_ text: String) throws -> Caller {
        let (payload, expiresAt) = try SignedCaller.ofTests.verify(text, now: Timestamp.now().milliseconds / 1000)
        #expect(expiresAt <= Timestamp.now().milliseconds / 1000 + 60)
        return try JSON(parsing: payload).decode()
    }

    @Test("passes Stripe's bytes and signature on, without credential, limit or media type")
    func webhook() async throws {
        try await EdgeFixture.run { fixture in
            let response = try await fixture.client.request(
                .post, "/api/v1/webhook", headers: ["Stripe-Signature": "t=1,v1=2", "Content-Type": "text/plain"],
                body: [0, 255, 10])
            #expect(response.status == 201 && response.headers["RateLimit-Limit"] == nil)
            #expect(fixture.requests.first?.body == [0, 255, 10])
            #expect(fixture.requests.first?.headers["stripe-signature"] == "t=1,v1=2")
        }
    }

    @Test("leaves the media type to the owner, who asks for plan and existence first, and drops a body nobody reads")
    func bodies() async throws {
        try await EdgeFixture.run { fixture in
            let headers: HTTPHeaders = ["x-api-key": fixture.addKey(scopes: [.all]), "Content-Type": "text/plain"]
            let create = try await fixture.client.request(.post, "/api/v1/things", headers: headers, body: [1])
            #expect(create.status == 201)
            #expect(fixture.requests.last?.headers["content-type"] == "text/plain")
            #expect(fixture.requests.last?.body == [1])
            let list = try await fixture.client.request(.get, "/api/v1/things", headers: headers, body: [1])
            #expect(list.status == 201)
            #expect(fixture.requests.last?.headers["content-type"] == nil)
            #expect(fixture.requests.last?.body == [])
        }
    }

    @Test("refuses in the order credential, limit, role or scope")
    func order() async throws {
        let settings = LimitSettings(global: RateLimit(count: 3, window: .seconds(600)))
        try await EdgeFixture.run(settings) { fixture in
            let key = fixture.addKey(scopes: [.devicesRead])
            func send(_ method: HTTPMethod, _ path: String, _ key: String?) async throws -> HTTPClientResponse {
                let headers: HTTPHeaders = key.map { ["x-api-key": $0] } ?? [:]
                return try await fixture.client.request(
                    method, path, headers: headers, body: method == .post ? [1] : [])
            }
            #expect(try await send(.post, "/api/v1/things", key).status == 403)
            #expect(try await send(.get, "/api/v1/members", key).status == 403)
            #expect(try await send(.get, "/api/v1/things", key).status == 201)
            let limited = try await send(.post, "/api/v1/things", key)
            #expect(limited.status == 429)
            #expect(try JSON(parsing: limited.body)["code"] == "RATE_LIMIT_EXCEEDED")
            #expect(limited.headers["RateLimit-Remaining"] == "0")
            #expect(limited.headers["Retry-After"] == limited.headers["RateLimit-Reset"])
            for _ in 1...3 { #expect(try await send(.get, "/api/v1/things", "ebon_live_x").status == 401) }
            #expect(try await send(.get, "/api/v1/things", nil).status == 429)
            #expect(try await send(.get, "/api/v1/nothing", nil).status == 429)
            #expect(try await send(.get, "/health", nil).status == 200)
        }
    }

    @Test("tells how to authenticate wherever a service refuses a credential")
    func challenge() {
        let answer = HTTPResponse(BusReply(APIError.unauthorized("Invalid email or password")))
        #expect(answer.status == 401 && answer.headers["WWW-Authenticate"] == "Bearer")
    }

    @Test("refuses credentials that are none, each with its reason")
    func unauthorized() async throws {
        try await EdgeFixture.run { fixture in
            let expired = fixture.addSession(.owner, lifetime: -1)
            let token = fixture.addSession(.owner)
            let parts = token.split(separator: ".")
            let none = "eyJhbGciOiJub25lIn0.\(parts[1]).\(parts[2])"
            let ended = fixture.addSession(.owner, session: "ses_2")
            fixture.callers["ses_2"] = nil
            let cases: [(HTTPHeaders, String)] = [
                ([:], "required"), (["x-api-key": "nonsense"], "malformed"),
                (["x-api-key": "", "Authorization": "Bearer \(token)"], "malformed"),
                (["Authorization": "Basic YTpi"], "Bearer"), (["Authorization": "Bearer x"], "neither"),
                (["Authorization": "Bearer \(expired)"], "expired"), (["Authorization": "Bearer \(none)"], "malformed"),
                (["Authorization": "Bearer \(token)x"], "token"), (["Authorization": "Bearer \(ended)"], "ended"),
                (["x-api-key": "ebon_live_acme_" + String(repeating: "a", count: 32)], "unknown"),
            ]
            for (headers, word) in cases {
                let response = try await fixture.client.request(.get, "/api/v1/me", headers: headers)
                #expect(response.status == 401 && response.errorCode == "UNAUTHORIZED")
                #expect(response.text.contains(word), "\(response.text)")
                #expect(response.headers["WWW-Authenticate"] != nil)
            }
            let good = try await fixture.client.request(
                .get, "/api/v1/me", headers: ["Authorization": "Bearer \(token)"])
            #expect(good.status == 200)
        }
    }

    @Test("lets roles decide about users, and refuses API keys where only users may go")
    func roles() async throws {
        try await EdgeFixture.run { fixture in
            let worker = fixture.addSession(.operator, session: "ses_w")
            let owner = fixture.addSession(.owner, session: "ses_o")
            let key = fixture.addKey(scopes: [.all])
            for (method, bearer, status) in [
                (HTTPMethod.get, worker, HTTPStatus(201)), (.post, worker, 403), (.post, owner, 201), (.get, key, 403),
            ] {
                var headers = Self.json
                headers["Authorization"] = "Bearer \(bearer)"
                let body = method == .post ? Array("{}".utf8) : []
                let response = try await fixture.client.request(method, "/api/v1/members", headers: headers, body: body)
                #expect(response.status == status)
            }
        }
    }

    @Test("answers unknown routes, other methods and large bodies with envelopes and the request's id")
    func refusals() async throws {
        try await EdgeFixture.run { fixture in
            let headers: HTTPHeaders = ["X-Request-Id": "r-2", "Content-Type": "application/json"]
            let missing = try await fixture.client.request(.get, "/api/v1/nothing", headers: headers)
            #expect(missing.errorCode == "NOT_FOUND" && missing.headers["RateLimit-Remaining"] == "149")
            let method = try await fixture.client.request(.delete, "/api/v1/things", headers: headers)
            #expect(method.errorCode == "METHOD_NOT_ALLOWED" && method.headers["Allow"] == "GET, HEAD, POST")
            let large = try await fixture.client.request(
                .post, "/api/v1/things", headers: headers, body: Array(repeating: 32, count: 101))
            #expect(large.status == 413 && large.errorCode == "PAYLOAD_TOO_LARGE")
            for response in [missing, method, large] { #expect(response.headers["X-Request-Id"] == "r-2") }
            let broken = try await fixture.exchange("GET / HTTP/1.1\r\nno colon\r\n\r\n")
            #expect(broken.hasPrefix("HTTP/1.1 400 ") && broken.contains("\"BAD_REQUEST\""))
            #expect(broken.lowercased().contains("\r\nx-request-id: "))
            let version = try await fixture.exchange("GET / HTTP/2.0\r\n\r\n")
            #expect(version.hasPrefix("HTTP/1.1 505 ") && version.contains("\"HTTP_VERSION_NOT_SUPPORTED\""))
        }
    }

    @Test("counts what it refuses on the wire too, and refuses even that once there is too much of it")
    func wireRefusals() async throws {
        let settings = LimitSettings(
            global: RateLimit(count: 3, window: .seconds(600)), commands: RateLimit(count: 1, window: .seconds(600)))
        try await EdgeFixture.run(settings) { fixture in
            for remaining in [2, 1, 0] {
                let broken = try await fixture.exchange("GET / HTTP/1.1\r\nno colon\r\n\r\n")
                #expect(broken.hasPrefix("HTTP/1.1 400 ") && broken.contains("RateLimit-Remaining: \(remaining)\r\n"))
            }
            let limited = try await fixture.exchange("nonsense\r\n\r\n")
            #expect(limited.hasPrefix("HTTP/1.1 429 ") && limited.contains("RATE_LIMIT_EXCEEDED"))
            let key = fixture.addKey(scopes: [.commands])
            let head = "POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nX-Api-Key: \(key)\r\nX-Request-Id: r-3\r\n"
            for status in [413, 429] {
                let large = try await fixture.exchange("\(head)Content-Length: 9999999\r\n\r\n")
                #expect(large.hasPrefix("HTTP/1.1 \(status) ") && large.contains("X-Request-Id: r-3\r\n"))
                #expect(large.contains("RateLimit-Limit: 1\r\n"))
            }
            let webhook = try await fixture.exchange(
                "POST /api/v1/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n")
            #expect(webhook.hasPrefix("HTTP/1.1 413 ") && !webhook.contains("RateLimit-"))
        }
    }

    @Test("counts clients behind a trusted proxy one by one")
    func proxies() async throws {
        let settings = LimitSettings(auth: RateLimit(count: 1, window: .seconds(600)))
        let proxies = try #require(TrustedProxies(parsing: "127.0.0.0/8"))
        try await EdgeFixture.run(settings, proxies: proxies) { fixture in
            for (address, status) in [("1.1.1.1", HTTPStatus(201)), ("2.2.2.2", 201), ("1.1.1.1", 429)] {
                let response = try await fixture.client.request(
                    .post, "/api/v1/auth/login", headers: ["X-Forwarded-For": "6.6.6.6, \(address)"])
                #expect(response.status == status)
            }
        }
    }
}

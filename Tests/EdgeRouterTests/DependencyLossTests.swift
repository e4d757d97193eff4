import Bus
import EventLoop
import HTTP
import JSON
import Models
import ServiceRuntime
import TestSupport
import Testing

@testable import EdgeRouter

@Suite("An edge without its dependencies", .timeLimit(.minutes(1))) @Loop struct DependencyLossTests {
    @Test("lets reads pass on limits of its own when Redis is away, and nothing that needs exact ones")
    func redisAway() async throws {
        try await EdgeFixture.run { fixture in
            let key = fixture.addKey(scopes: [.all])
            let headers: HTTPHeaders = ["x-api-key": key, "Content-Type": "application/json"]
            #expect(try await fixture.client.request(.get, "/api/v1/me", headers: headers).status == 200)
            try await fixture.redis.stop()
            let read = try await fixture.client.request(.get, "/api/v1/me", headers: headers)
            #expect(read.status == 200 && read.headers["RateLimit-Policy"] == "degraded")
            #expect(read.headers["RateLimit-Remaining"] == "149")
            for path in ["/api/v1/commands", "/api/v1/auth/login", "/api/v1/things"] {
                let response = try await fixture.client.request(
                    .post, path, headers: headers, body: Array("{}".utf8), within: .seconds(5))
                #expect(response.status == 503 && response.headers["Retry-After"] != nil)
                #expect(response.errorCode == "SERVICE_UNAVAILABLE")
            }
            let other = try await fixture.client.request(
                .get, "/api/v1/me", headers: ["x-api-key": fixture.addKey(2, scopes: [.all])], within: .seconds(5))
            #expect(other.status == 503)
            #expect(try await fixture.client.request(.get, "/health").status == 200)
            try await fixture.redis.start()
            let back = await eventually {
                let response = try? await fixture.client.request(.get, "/api/v1/me", headers: headers)
                return response?.status == 200 && response?.headers["RateLimit-Policy"] == nil ? true : nil
            }
            #expect(back == true)
        }
    }

    @Test("answers within seconds when Redis hangs")
    func redisHangs() async throws {
        try await EdgeFixture.run { fixture in
            let key = fixture.addKey(scopes: [.all])
            #expect(try await fixture.client.request(.get, "/api/v1/me", headers: ["x-api-key": key]).status == 200)
            fixture.redis.suspend()
            let read = try await fixture.client.request(
                .get, "/api/v1/me", headers: ["x-api-key": key], within: .seconds(5))
            #expect(read.status == 200 && read.headers["RateLimit-Policy"] == "degraded")
            fixture.redis.resume()
        }
    }

    @Test("answers 503 when the owner of a route is away")
    func ownerAway() async throws {
        try await EdgeFixture.run { fixture in
            let key = fixture.addKey(scopes: [.all])
            #expect(try await fixture.client.request(.get, "/api/v1/me", headers: ["x-api-key": key]).status == 200)
            fixture.owner.abandon()
            let response = try await fixture.client.request(
                .get, "/api/v1/things", headers: ["x-api-key": key], within: .seconds(5))
            #expect(response.status == 503 && response.headers["RateLimit-Remaining"] == "148")
        }
    }

    @Test("answers 504 when the owner of a live route falls silent: the device may have got the command")
    func ownerSilent() async throws {
        try await EdgeFixture.run { fixture in
            let never = Promise<BusReply, Never>()
            fixture.owner.serve(TestRoutes.live.name) { _ in await never.value() }
            let headers: HTTPHeaders = ["x-api-key": fixture.addKey(scopes: [.all])]
            let silent = try await fixture.client.request(.post, "/api/v1/things/1/print", headers: headers)
            #expect(silent.status == 504 && silent.errorCode == "COMMAND_TIMEOUT")
            never.succeed(BusReply(status: 204))
        }
    }
}

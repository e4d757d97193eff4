import Crypto
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("A portal session") @Loop struct SessionTests {
    private func login(
        _ org: OrgFixture, email: String = "owner@acme.example", password: String = OrgFixture.password
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.login.route, body: ["email": .string(email), "password": .string(password)])
    }

    private func refresh(_ org: OrgFixture, _ token: String?) async throws -> ServiceFixture.Answer {
        try await org.service.call(OrgLocationsRoutes.refresh.route, body: ["refreshToken": .string(token ?? "")])
    }

    private func caller(_ org: OrgFixture, _ session: String) async throws -> Caller? {
        try await org.service.edge.call(ResolveCredential(sessionId: session), requestId: "test").caller
    }

    @Test("opens with the right password, in any case of the address, and carries its claims")
    func login() async throws {
        try await OrgFixture.run { org, _ in
            let answer = try await login(org, email: "Owner@ACME.example")
            #expect(answer.status == 200)
            #expect(answer.json["expiresIn"] == 900)
            let now = Timestamp.now().milliseconds / 1000
            let token = try OrgFixture.tokens.verify(answer.json["accessToken"]?.string ?? "", now: now)
            #expect(token.subject == "usr_acme")
            #expect(token.organization == "acme")
            #expect(token.role == "owner")
            #expect(token.expiresAt - token.issuedAt == 900)
            let caller = try #require(try await caller(org, token.session))
            #expect(caller == org.owner(session: token.session))
            let stored = try await org.database.query("SELECT * FROM org.sessions")[0]
            let refresh = try #require(answer.json["refreshToken"]?.string)
            #expect(try !refresh.contains(stored.string("family_sha256")))
        }
    }

    @Test("is refused alike for a wrong password and an unknown address")
    func refusal() async throws {
        try await OrgFixture.run { org, _ in
            let wrong = try await login(org, password: "wrong")
            let unknown = try await login(org, email: "nobody@acme.example")
            #expect(wrong.status == 401)
            #expect(unknown.status == 401)
            #expect(wrong.json == unknown.json)
            #expect(try await org.service.call(OrgLocationsRoutes.login.route, body: [:]).status == 400)
            #expect(try await org.database.query("SELECT FROM org.sessions").isEmpty)
        }
    }

    @Test("goes on with a refresh token that works once; an old one ends it")
    func rotation() async throws {
        try await OrgFixture.run { org, _ in
            let first = try await login(org).json["refreshToken"]?.string
            let second = try await refresh(org, first)
            #expect(second.status == 200)
            let third = try await refresh(org, second.json["refreshToken"]?.string)
            #expect(third.status == 200)
            let now = Timestamp.now().milliseconds / 1000
            let session = try OrgFixture.tokens.verify(third.json["accessToken"]?.string ?? "", now: now).session
            #expect(try await caller(org, session) != nil)
            #expect(try await refresh(org, second.json["refreshToken"]?.string).status == 401)
            #expect(try await caller(org, session) == nil)
            #expect(try await refresh(org, third.json["refreshToken"]?.string).status == 401)
        }
    }

    @Test("is not continued with a token that nobody gave out, or one that has expired")
    func foreignTokens() async throws {
        try await OrgFixture.run { org, _ in
            let token = try await login(org).json["refreshToken"]?.string
            for text in ["x", "a.b", RefreshToken().text, "\(token ?? "")x"] {
                #expect(try await refresh(org, text).status == 401)
            }
            _ = try await org.database.query("UPDATE org.sessions SET expires_at = now()")
            #expect(try await refresh(org, token).status == 401)
        }
    }

    @Test("ends at a logout, alone")
    func logout() async throws {
        try await OrgFixture.run { org, _ in
            let now = Timestamp.now().milliseconds / 1000
            var sessions: [String] = []
            for _ in 0..<2 {
                let token = try await login(org).json["accessToken"]?.string ?? ""
                sessions.append(try OrgFixture.tokens.verify(token, now: now).session)
            }
            let answer = try await org.service.call(
                OrgLocationsRoutes.logout.route, as: org.owner(session: sessions[0]))
            #expect(answer.status == 204)
            #expect(try await caller(org, sessions[0]) == nil)
            #expect(try await caller(org, sessions[1]) != nil)
        }
    }
}

import Crypto
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("A forgotten password") @Loop struct PasswordResetTests {
    private func forgot(_ org: OrgFixture, _ email: String = "owner@acme.example") async throws
        -> ServiceFixture.Answer
    {
        try await org.service.call(OrgLocationsRoutes.forgotPassword.route, body: ["email": .string(email)])
    }

    private func reset(
        _ org: OrgFixture, _ token: String, password: String = "parolă nouă"
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.resetPassword.route,
            body: ["token": .string(token), "password": .string(password)])
    }

    private func login(_ org: OrgFixture, _ password: String) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.login.route, body: ["email": "owner@acme.example", "password": .string(password)])
    }

    /// The tokens that were mailed, once there are so many.
    private func tokens(_ org: OrgFixture, _ count: Int = 1) async throws -> [String] {
        let links = try await eventually {
            let events = try await org.database.events(PasswordResetRequested.self)
            return events.count >= count ? events.map(\.linkId) : nil
        }
        return links?.map { OrgFixture.links.token(for: $0, purpose: .passwordReset) } ?? []
    }

    @Test("is replaced by who has the mail, once; every session and every other link ends")
    func lifecycle() async throws {
        try await OrgFixture.run { org, _ in
            let session = try await login(org, OrgFixture.password).json["refreshToken"] ?? .null
            #expect(try await forgot(org).status == 202)
            _ = try await self.tokens(org)
            #expect(try await forgot(org, "Owner@ACME.example").status == 202)
            let tokens = try await tokens(org, 2)
            let mailed = try await org.database.events(PasswordResetRequested.self)
            #expect(Set(mailed.map(\.email)) == ["owner@acme.example"])
            let expiry = try #require(mailed.first?.expiresAt)
            #expect(abs((expiry - .now()).milliseconds - 3_600_000) < 60_000)
            try #require(tokens.count == 2)
            #expect(try await reset(org, tokens[0]).status == 204)
            #expect(try await login(org, OrgFixture.password).status == 401)
            #expect(try await login(org, "parolă nouă").status == 200)
            let refreshed = try await org.service.call(
                OrgLocationsRoutes.refresh.route, body: ["refreshToken": session])
            #expect(refreshed.status == 401)
            for token in tokens { #expect(try await reset(org, token).paths == ["body.token"]) }
            let audit = try await org.database.query("SELECT action, actor_id FROM org.audit")
            #expect(try audit.map { try $0.string("action") } == ["user.password_reset"])
        }
    }

    @Test("is answered alike, and by the same statement, whether the address is known")
    func unknown() async throws {
        try await OrgFixture.run { org, _ in
            let known = try await forgot(org)
            let unknown = try await forgot(org, "nobody@acme.example")
            #expect(known.status == 202 && unknown.status == 202)
            #expect(known.json == unknown.json)
            let settled = try await eventually {
                try await org.database.query("SELECT FROM org.password_reset_requests").isEmpty ? true : nil
            }
            #expect(settled == true)
            #expect(try await tokens(org).count == 1)
            #expect(try await forgot(org, "nobody").paths == ["body.email"])
        }
    }

    @Test("is looked up later when the process died after the answer")
    func crash() async throws {
        try await OrgFixture.run { org, service in
            _ = try await org.database.query(
                """
                INSERT INTO org.password_reset_requests (email, request_id)
                VALUES ('owner@acme.example', 'r'), ('owner@acme.example', 'r'), ('owner@rival.example', 'r')
                """)
            service.resets.wake()
            #expect(try await tokens(org, 2).count == 2)
        }
    }

    @Test("fills no mailbox, however often it is asked for")
    func flood() async throws {
        try await OrgFixture.run { org, _ in
            for number in 1...8 {
                _ = try await forgot(org)
                _ = try await tokens(org, min(number, 5))
            }
            #expect(try await tokens(org).count == 5)
        }
    }

    @Test("is not replaced with a token that is forged, expired or somebody else's kind, and nothing is hashed")
    func forgery() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await forgot(org)
            let token = try #require(try await tokens(org).first)
            let link = String(token.split(separator: ".")[0])
            let before = org.passwordHashes
            for forged in [
                "x", link, "\(link).\(Random.token())", OrgFixture.links.token(for: link, purpose: .invitation),
                OrgFixture.links.token(for: "lnk_none", purpose: .passwordReset),
            ] {
                #expect(try await reset(org, forged).paths == ["body.token"])
            }
            #expect(try await reset(org, token, password: "short").paths == ["body.password"])
            _ = try await org.database.query("UPDATE org.password_resets SET expires_at = now()")
            #expect(try await reset(org, token).paths == ["body.token"])
            #expect(org.passwordHashes == before)
            #expect(try await login(org, OrgFixture.password).status == 200)
        }
    }

    @Test("that has come back to mind and been changed is not replaced by links of before")
    func changedMeanwhile() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await forgot(org)
            _ = try await forgot(org, "owner@rival.example")
            let tokens = try await tokens(org, 2)
            let changed = try await org.service.call(
                OrgLocationsRoutes.changePassword.route, as: org.owner(),
                body: ["currentPassword": .string(OrgFixture.password), "newPassword": "parolă nouă"])
            #expect(changed.status == 204)
            var statuses: [Int] = []
            for token in tokens { statuses.append(try await reset(org, token, password: "parola altcuiva").status) }
            #expect(statuses.sorted() == [204, 400])
            #expect(try await login(org, "parolă nouă").status == 200)
        }
    }

    @Test("is replaced by one of many who use the link at once")
    func race() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await forgot(org)
            let token = try #require(try await tokens(org).first)
            let statuses = try await allAtOnce(6) {
                try await reset(org, token, password: "parola numărul \($0)").status
            }
            #expect(statuses.count { $0 == 204 } == 1)
            #expect(statuses.count { $0 == 400 } == 5)
        }
    }

    @Test("is replaced by one of two links that are used at once")
    func twoLinks() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await forgot(org)
            _ = try await self.tokens(org)
            _ = try await forgot(org)
            let tokens = try await tokens(org, 2)
            try #require(tokens.count == 2)
            let resets = try await org.database.transaction { transaction in
                _ = try await transaction.query("SELECT FROM org.users FOR UPDATE")
                let resets = tokens.map { token in Task.immediate { @Loop in try await reset(org, token).status } }
                let areWaiting: Bool? = try await eventually {
                    try await org.database.query(
                        """
                        SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """
                    ).count == 2 ? true : nil
                }
                #expect(areWaiting == true)
                return resets
            }
            let statuses = [try await resets[0].value, try await resets[1].value]
            #expect(statuses.sorted() == [204, 400])
        }
    }
}

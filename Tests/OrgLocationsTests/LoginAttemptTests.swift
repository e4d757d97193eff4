import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import ServiceRuntime
import TestSupport
import Testing

@testable import OrgLocations

@Suite("Guessing a password") @Loop struct LoginAttemptTests {
    private static let limits = LoginLimits(
        client: RateLimit(count: 3, window: .seconds(600)), strangers: RateLimit(count: 5, window: .seconds(3600)),
        slowly: RateLimit(count: 1, window: .seconds(300)))

    private func login(
        _ org: OrgFixture, from client: String, email: String = "owner@acme.example", password: String = "guessed"
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.login.route,
            headers: ["content-type": "application/json", "x-forwarded-for": client],
            body: ["email": .string(email), "password": .string(password)])
    }

    private func statuses(_ org: OrgFixture, _ clients: [String], email: String = "owner@acme.example") async throws
        -> [Int]
    {
        var statuses: [Int] = []
        for client in clients { statuses.append(try await login(org, from: client, email: email).status) }
        return statuses
    }

    @Test("from one address ends at its limit, and then costs nothing; a moment's wait is named")
    func oneClient() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, _ in
            #expect(try await statuses(org, Array(repeating: "192.0.2.1", count: 3)) == [401, 401, 401])
            let before = org.passwordHashes
            let refused = try await login(org, from: "192.0.2.1", password: OrgFixture.password)
            #expect(refused.status == 429)
            #expect(refused.json["code"] == "RATE_LIMIT_EXCEEDED")
            #expect(refused.json["message"]?.string?.firstMatch(of: /in (59\d|600) seconds/) != nil)
            #expect(org.passwordHashes == before)
            #expect(try await login(org, from: "192.0.2.1", email: "owner@rival.example").status == 401)
            _ = try await org.database.query(
                "UPDATE org.login_attempts SET attempted_at = attempted_at - interval '10 minutes'")
            #expect(try await login(org, from: "192.0.2.1", password: OrgFixture.password).status == 200)
        }
    }

    @Test("from many addresses ends for all of them, and never for those that the owner uses")
    func manyClients() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, _ async throws in
            #expect(try await login(org, from: "198.51.100.7", password: OrgFixture.password).status == 200)
            let strangers = (1...8).map { "192.0.2.\($0)" }
            #expect(try await statuses(org, strangers) == [401, 401, 401, 401, 401, 429, 429, 429])
            #expect(try await login(org, from: "192.0.2.99", password: OrgFixture.password).status == 429)
            #expect(try await login(org, from: "198.51.100.7", password: "a slip").status == 401)
            #expect(try await login(org, from: "198.51.100.7", password: OrgFixture.password).status == 200)
        }
    }

    @Test("from many addresses goes on slowly, so that no attack that is over shuts the owner out")
    func slowly() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, _ async throws in
            let strangers = (1...6).map { "192.0.2.\($0)" }
            #expect(try await statuses(org, strangers) == [401, 401, 401, 401, 401, 429])
            let refused = try await login(org, from: "203.0.113.9", password: OrgFixture.password)
            #expect(refused.json["message"]?.string?.firstMatch(of: /in (2\d\d|300) seconds/) != nil)
            func pass(_ interval: String) async throws {
                _ = try await org.database.query(
                    "UPDATE org.login_attempts SET attempted_at = attempted_at - $1::text::interval", [interval])
            }
            try await pass("5 minutes")
            #expect(try await statuses(org, ["192.0.2.7", "192.0.2.8"]) == [401, 429])
            try await pass("5 minutes")
            #expect(try await login(org, from: "203.0.113.9", password: OrgFixture.password).status == 200)
            #expect(try await statuses(org, ["192.0.2.9"]) == [401])
            #expect(try await statuses(org, ["192.0.2.10", "203.0.113.9"]) == [429, 401])
        }
    }

    @Test("does not shut out an owner who is away from home: the mailed link makes an address theirs")
    func resetLetsIn() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, _ in
            _ = try await statuses(org, (1...6).map { "192.0.2.\($0)" })
            let away = ["content-type": "application/json", "x-forwarded-for": "203.0.113.9"]
            _ = try await org.service.call(
                OrgLocationsRoutes.forgotPassword.route, headers: away, body: ["email": "owner@acme.example"])
            let mailed = try await eventually { try await org.database.events(PasswordResetRequested.self).first }
            let token = OrgFixture.links.token(for: try #require(mailed).linkId, purpose: .passwordReset)
            let reset = try await org.service.call(
                OrgLocationsRoutes.resetPassword.route, headers: away,
                body: ["token": .string(token), "password": "parolă nouă"])
            #expect(reset.status == 204)
            #expect(try await login(org, from: "203.0.113.9", password: "parolă nouă").status == 200)
            #expect(try await login(org, from: "192.0.2.99", password: "parolă nouă").status == 429)
        }
    }

    @Test("is counted by /64 where addresses are plenty")
    func networks() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, _ async throws in
            let neighbours = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2::3", "2001:db8:1:2:9::4"]
            #expect(try await statuses(org, neighbours) == [401, 401, 401, 429])
            #expect(try await login(org, from: "2001:db8:1:3::1").status == 401)
        }
    }

    @Test("lets no more through when many try at once, and a right password takes its own slips away")
    func atOnce() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, _ in
            let before = org.passwordHashes
            let statuses = try await allAtOnce(20) { try await login(org, from: "192.0.2.\($0)").status }
            #expect(statuses.count { $0 == 401 } == 5)
            #expect(statuses.count { $0 == 429 } == 15)
            #expect(org.passwordHashes == before + 5)
        }
        try await OrgFixture.run(limits: Self.limits) { org, _ async throws in
            for _ in 0..<3 {
                #expect(try await self.statuses(org, ["192.0.2.1", "192.0.2.1"]) == [401, 401])
                #expect(try await login(org, from: "192.0.2.1", password: OrgFixture.password).status == 200)
            }
            #expect(try await org.database.query("SELECT FROM org.login_attempts").isEmpty)
        }
    }

    @Test("is answered alike whether there is an account: as many rows, as many runs of argon2, the same refusals")
    func unknownAccount() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, _ in
            for email in ["owner@acme.example", "nobody@acme.example"] {
                let before = org.passwordHashes
                let clients = ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3", "192.0.2.1", "192.0.2.1"]
                #expect(try await statuses(org, clients, email: email) == [401, 401, 401, 401, 401, 429])
                #expect(org.passwordHashes == before + 5)
                let rows = try await org.database.query("DELETE FROM org.login_attempts RETURNING attempt_id")
                #expect(rows.count == 5)
            }
        }
    }

    @Test("is counted together for every spelling that finds the account")
    func spellings() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, _ in
            var statuses: [Int] = []
            for email in ["owner@rival.example", "OWNER@rival.example", "owner@RİVAL.example", "owner@rİval.example"] {
                statuses.append(try await login(org, from: "192.0.2.1", email: email).status)
            }
            #expect(statuses == [401, 401, 401, 429])
        }
    }

    @Test("with an open session is limited too")
    func changingPassword() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, _ in
            var statuses: [Int] = []
            for current in ["a", "b", "c", OrgFixture.password] {
                statuses.append(
                    try await org.service.call(
                        OrgLocationsRoutes.changePassword.route, as: org.owner(),
                        body: ["currentPassword": .string(current), "newPassword": "parolă nouă"]
                    ).status)
            }
            #expect(statuses == [400, 400, 400, 429])
        }
    }

    @Test("leaves nothing behind that grows")
    func forgetting() async throws {
        try await OrgFixture.run(limits: Self.limits) { org, service in
            #expect(try await login(org, from: "198.51.100.7", password: OrgFixture.password).status == 200)
            _ = try await statuses(org, ["192.0.2.1", "192.0.2.2"])
            _ = try await org.database.atomically([
                ("UPDATE org.login_attempts SET attempted_at = now() - interval '61 minutes'", []),
                ("UPDATE org.familiar_clients SET last_used_at = now() - interval '91 days'", []),
            ])
            try await service.forgetExpired()
            #expect(try await org.database.query("SELECT FROM org.login_attempts").isEmpty)
            #expect(try await org.database.query("SELECT FROM org.familiar_clients").isEmpty)
        }
    }
}

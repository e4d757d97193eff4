import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("One's own profile") @Loop struct ProfileTests {
    private func changePassword(
        _ org: OrgFixture, _ current: String = OrgFixture.password, to new: String = "another password",
        keeping session: String = "ses_1"
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.changePassword.route, as: org.owner(session: session),
            body: ["currentPassword": .string(current), "newPassword": .string(new)])
    }

    private func login(_ org: OrgFixture, _ password: String) async throws -> Int {
        try await org.service.call(
            OrgLocationsRoutes.login.route,
            body: ["email": "owner@acme.example", "password": .string(password)]
        ).status
    }

    private func liveSessions(_ org: OrgFixture) async throws -> [String] {
        try await org.database.query("SELECT session_id FROM org.sessions WHERE revoked_at IS NULL")
            .map { try $0.string("session_id") }
    }

    @Test("is shown and changed, one field or both")
    func change() async throws {
        try await OrgFixture.run { org, _ in
            let shown = try await org.service.call(OrgLocationsRoutes.profile.route, as: org.owner())
            #expect(shown.status == 200)
            #expect(
                shown.json.object?.members.map(\.name) == [
                    "uid", "email", "displayName", "phoneNumber", "role", "createdAt",
                ])
            #expect(shown.json["uid"] == "usr_acme")
            #expect(shown.json["displayName"] == .null)
            #expect(shown.json["phoneNumber"] == .null)
            func update(_ body: JSON) async throws -> ServiceFixture.Answer {
                try await org.service.call(OrgLocationsRoutes.updateProfile.route, as: org.owner(), body: body)
            }
            let named = try await update(["displayName": "Ana Pop", "role": "operator", "email": "x@y.example"])
            #expect(named.status == 200)
            #expect(named.json["displayName"] == "Ana Pop")
            #expect(named.json["role"] == "owner")
            #expect(named.json["email"] == "owner@acme.example")
            let reachable = try await update(["phoneNumber": "+40712345678"])
            #expect(reachable.json["displayName"] == "Ana Pop")
            #expect(reachable.json["phoneNumber"] == "+40712345678")
            let both = try await update(["displayName": "", "phoneNumber": "0712345678"])
            #expect(both.paths == ["body.displayName", "body.phoneNumber"])
            #expect(try await update([:]).paths == ["body"])
            #expect(
                try await org.service.call(OrgLocationsRoutes.profile.route, as: org.owner()).json == reachable.json)
            #expect(try await org.audited() == ["user.update usr_acme", "user.update usr_acme"])
        }
    }

    @Test("is nobody's any more once the member is removed")
    func removed() async throws {
        try await OrgFixture.run { org, _ in
            let stranger = Caller(userId: "usr_rival", role: .owner, sessionId: "s", orgId: "acme", plan: .free)
            let body: JSON = ["displayName": "x", "currentPassword": "12345678", "newPassword": "12345678"]
            for route in [
                OrgLocationsRoutes.profile.route, OrgLocationsRoutes.updateProfile.route,
                OrgLocationsRoutes.changePassword.route,
            ] {
                let answer = try await org.service.call(route, as: stranger, body: body)
                #expect(answer.status == 401)
            }
        }
    }

    @Test("takes a new password from who knows the old one, and ends the other sessions")
    func password() async throws {
        try await OrgFixture.run { org, _ in
            for session in ["ses_1", "ses_2", "ses_3"] { try await org.openSession(session, of: "usr_acme") }
            try await org.openSession("ses_rival", of: "usr_rival")
            let wrong = try await changePassword(org, "guessed")
            #expect(wrong.status == 400)
            #expect(wrong.paths == ["body.currentPassword"])
            #expect(try await liveSessions(org).count == 4)
            #expect(try await changePassword(org, to: "short").paths == ["body.newPassword"])
            #expect(try await changePassword(org).status == 204)
            #expect(try await Set(liveSessions(org)) == ["ses_1", "ses_rival"])
            #expect(try await login(org, OrgFixture.password) == 401)
            #expect(try await login(org, "another password") == 200)
            #expect(try await org.audited() == ["user.password_change usr_acme"])
            let written = try await org.database.query("SELECT data FROM org.audit")[0].json("data")
            #expect(written == [:])
        }
    }

    @Test("leaves no session behind that was opened with the old password while it changed")
    func passwordAgainstLogins() async throws {
        try await OrgFixture.run { org, _ in
            let changed = try await org.whileUncommitted(
                """
                WITH account AS (SELECT * FROM org.users WHERE user_id = 'usr_acme' FOR SHARE)
                INSERT INTO org.sessions (session_id, org_id, user_id, family_sha256, generation_sha256, expires_at)
                SELECT 'ses_1', org_id, user_id, repeat('0', 64), repeat('0', 64), now() + interval '1 hour'
                FROM account
                """, []
            ) { try await changePassword(org, keeping: "ses_2") }
            #expect(changed.status == 204)
            #expect(try await liveSessions(org) == [])
            let late = try await org.whileUncommitted(
                "UPDATE org.users SET password_hash = 'other' WHERE user_id = 'usr_acme'", []
            ) { try await login(org, "another password") }
            #expect(late == 401)
            #expect(try await liveSessions(org) == [])
        }
    }

    @Test("takes one of two new passwords that are given at once")
    func twoPasswords() async throws {
        try await OrgFixture.run { org, _ in
            let statuses = try await allAtOnce(2) { try await changePassword(org, to: "new password \($0)").status }
            #expect(statuses.sorted() == [204, 400])
            let winner = statuses[0] == 204 ? 0 : 1
            #expect(try await login(org, "new password \(winner)") == 200)
        }
    }
}

import Crypto
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres
import TestSupport
import Testing

@testable import OrgLocations

@Suite("An invitation") @Loop struct InvitationTests {
    private func invite(
        _ org: OrgFixture, _ email: String = "ion@acme.example", role: String = "operator", as caller: Caller? = nil
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.inviteMember.route, as: caller ?? org.owner(),
            body: ["email": .string(email), "role": .string(role)])
    }

    private func accept(
        _ org: OrgFixture, _ token: String, password: String = "parolă bună", displayName: String? = nil
    ) async throws -> ServiceFixture.Answer {
        var body: JSONObject = ["token": .string(token), "password": .string(password)]
        body["displayName"] = displayName.map(JSON.string)
        return try await org.service.call(OrgLocationsRoutes.acceptInvitation.route, body: .object(body))
    }

    /// The token of the latest invitation, as the mail carries it.
    private func token(_ org: OrgFixture) async throws -> String {
        let issued = try #require(try await org.database.events(InvitationIssued.self).last)
        return OrgFixture.links.token(for: issued.linkId, purpose: .invitation)
    }

    @Test("is mailed, accepted once, and makes a member who can log in")
    func lifecycle() async throws {
        try await OrgFixture.run { org, _ in
            let invited = try await invite(org)
            #expect(invited.status == 201)
            #expect(
                invited.json.object?.members.map(\.name) == [
                    "id", "email", "displayName", "role", "status", "createdAt",
                ])
            #expect(invited.json["status"] == "invited")
            let issued = try #require(try await org.database.events(InvitationIssued.self).last)
            #expect(issued.email == "ion@acme.example")
            #expect(issued.invitedBy == "owner@acme.example")
            #expect(issued.invitationId == invited.json["id"]?.string)
            #expect(abs((issued.expiresAt - .now()).milliseconds - 7 * 86_400_000) < 60_000)
            let token = try await token(org)
            let rows = try await org.database.query(
                "SELECT i::text AS row FROM org.invitations i UNION ALL SELECT o::text FROM bus.outbox o")
            #expect(try rows.allSatisfy { try !$0.string("row").contains(token.split(separator: ".")[1]) })
            let accepted = try await accept(org, token, displayName: "Ion Pop")
            #expect(accepted.status == 201)
            #expect(
                accepted.json.object?.members.map(\.name) == ["accessToken", "refreshToken", "userId", "orgId"])
            let now = Timestamp.now().milliseconds / 1000
            let session = try OrgFixture.tokens.verify(accepted.json["accessToken"]?.string ?? "", now: now).session
            let caller = try await org.service.edge.call(ResolveCredential(sessionId: session), requestId: "r").caller
            #expect(caller?.orgId == "acme")
            #expect(caller?.role == .operator)
            #expect(try await accept(org, token).paths == ["body.token"])
            let login = try await org.service.call(
                OrgLocationsRoutes.login.route, body: ["email": "Ion@acme.example", "password": "parolă bună"])
            #expect(login.status == 200)
            let audit = try await org.database.query("SELECT action, actor_id FROM org.audit ORDER BY id")
            #expect(try audit.map { try $0.string("action") } == ["member.invite", "member.join"])
            #expect(try audit[1].string("actor_id") == accepted.json["userId"]?.string)
            #expect(try await invite(org, "ION@acme.example").code == "CONFLICT")
        }
    }

    @Test("made again replaces the earlier link and role, and stays one invitation")
    func again() async throws {
        try await OrgFixture.run { org, _ in
            let first = try await invite(org)
            let old = try await token(org)
            let second = try await invite(org, "Ion@Acme.example", role: "admin")
            #expect(second.status == 201)
            #expect(second.json["id"] == first.json["id"])
            #expect(try await accept(org, old).paths == ["body.token"])
            let accepted = try await accept(org, token(org))
            let role = try await org.database.query(
                "SELECT role FROM org.users WHERE user_id = $1", [accepted.json["userId"]?.string ?? ""])
            #expect(try role[0].string("role") == "admin")
        }
    }

    @Test("comes too late when it has expired, was withdrawn, or its address has registered meanwhile")
    func tooLate() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await invite(org)
            let token = try await token(org)
            _ = try await org.database.query("UPDATE org.invitations SET expires_at = now()")
            #expect(try await accept(org, token).code == "VALIDATION_ERROR")
            _ = try await org.database.query("DELETE FROM org.invitations")
            #expect(try await accept(org, token).code == "VALIDATION_ERROR")
            _ = try await invite(org)
            let registered = try await org.service.call(
                OrgLocationsRoutes.register.route,
                body: [
                    "email": "ion@acme.example", "password": "parolă bună", "companyName": "Ion PFA", "cui": "12345",
                ])
            #expect(registered.status == 201)
            #expect(try await accept(org, self.token(org)).code == "CONFLICT")
            #expect(try await invite(org).code == "CONFLICT")
        }
    }

    @Test("of two organizations is accepted from one of them")
    func twoOrganizations() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await invite(org)
            let ours = try await token(org)
            #expect(try await invite(org, as: org.owner(of: "rival")).status == 201)
            #expect(try await accept(org, token(org)).json["orgId"] == "rival")
            #expect(try await accept(org, ours).code == "CONFLICT")
        }
    }

    @Test("makes an owner only when an owner says so, and nobody of an address that is none")
    func roles() async throws {
        try await OrgFixture.run { org, _ in
            let admin = try await org.member("bob", .admin)
            let refused = try await invite(org, role: "owner", as: admin)
            #expect(refused.status == 403)
            #expect(refused.message == "Only an owner may make, change or remove an owner")
            #expect(try await invite(org, role: "admin", as: admin).status == 201)
            #expect(try await invite(org, role: "owner").status == 201)
            #expect(try await invite(org, "ion", role: "king").paths == ["body.email", "body.role"])
        }
    }

    @Test("is sent by who may send it now, even if the edge does not know yet")
    func staleRole() async throws {
        try await OrgFixture.run { org, _ in
            let former = try await org.member("bob", .owner)
            _ = try await org.database.query("UPDATE org.users SET role = 'admin' WHERE user_id = 'usr_bob'")
            let refused = try await invite(org, role: "owner", as: former)
            #expect(refused.status == 403)
            #expect(refused.message == "Only an owner may make, change or remove an owner")
            #expect(try await invite(org, role: "admin", as: former).status == 201)
            for loss in [
                "UPDATE org.users SET role = 'operator' WHERE user_id = 'usr_bob'",
                "DELETE FROM org.users WHERE user_id = 'usr_bob'",
            ] as [Statement] {
                _ = try await org.database.query(loss)
                #expect(try await invite(org, as: former).message == "Your role does not permit this")
            }
            #expect(try await org.audited().count == 1)
        }
    }

    @Test("of an owner is made again by owners only")
    func ownerAgain() async throws {
        try await OrgFixture.run { org, _ in
            let bob = try await org.member("bob", .admin)
            _ = try await invite(org, role: "owner")
            for role in ["operator", "owner"] {
                let refused = try await invite(org, "ION@acme.example", role: role, as: bob)
                #expect(refused.message == "Only an owner may make, change or remove an owner")
            }
            #expect(try await org.database.events(InvitationIssued.self).count == 1)
            _ = try await org.database.query("UPDATE org.invitations SET expires_at = now()")
            #expect(try await invite(org, as: bob).status == 201)
        }
    }

    @Test("is accepted by one of many who hold the link")
    func race() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await invite(org)
            let token = try await token(org)
            let statuses = try await allAtOnce(6) { _ in try await accept(org, token).status }
            #expect(statuses.count { $0 == 201 } == 1)
            #expect(statuses.allSatisfy { [201, 400, 409].contains($0) })
            #expect(try await org.database.query("SELECT FROM org.users").count == 3)
        }
    }

    @Test("needs a genuine token before a password is hashed")
    func forgery() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await invite(org)
            let issued = try #require(try await org.database.events(InvitationIssued.self).last)
            let forged = [
                "x", issued.linkId, "\(issued.linkId).\(Random.token())",
                OrgFixture.links.token(for: issued.linkId, purpose: .passwordReset),
                OrgFixture.links.token(for: "lnk_none", purpose: .invitation),
            ]
            let before = org.passwordHashes
            for token in forged { #expect(try await accept(org, token).paths == ["body.token"]) }
            #expect(org.passwordHashes == before)
            #expect(try await accept(org, token(org), password: "short").paths == ["body.password"])
        }
    }

    @Test("is one of at most 200 that are open")
    func limit() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await org.database.query(
                """
                INSERT INTO org.invitations (invitation_id, link_id, org_id, email, role, expires_at)
                SELECT 'inv_' || n, 'lnk_' || n, 'acme', n || '@acme.example', 'operator', now() + interval '1 day'
                FROM generate_series(1, 199) n
                """)
            let statuses = try await allAtOnce(3) { try await invite(org, "new\($0)@acme.example").status }
            #expect(statuses.count { $0 == 201 } == 1)
            #expect(statuses.count { $0 == 409 } == 2)
            #expect(try await invite(org, "7@acme.example").status == 201)
        }
    }
}

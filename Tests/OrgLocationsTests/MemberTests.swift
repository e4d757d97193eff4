import Endpoints
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("Members") @Loop struct MemberTests {
    private func update(
        _ org: OrgFixture, _ id: String, _ body: JSON, as caller: Caller
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.updateMember.route, as: caller, path: ["memberId": id], body: body)
    }

    private func remove(_ org: OrgFixture, _ id: String, as caller: Caller) async throws -> ServiceFixture.Answer {
        try await org.service.call(OrgLocationsRoutes.removeMember.route, as: caller, path: ["memberId": id])
    }

    private func roles(_ org: OrgFixture) async throws -> [String?: String?] {
        let members = try await org.service.call(OrgLocationsRoutes.listMembers.route, as: org.owner()).json.array ?? []
        return Dictionary(uniqueKeysWithValues: members.map { ($0["id"]?.string, $0["role"]?.string) })
    }

    @Test("are listed newest first, those of one organization only")
    func list() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await org.member("bob", .admin)
            let members = try await org.service.call(OrgLocationsRoutes.listMembers.route, as: org.owner()).json
            #expect(members.array?.map { $0["id"] } == ["usr_bob", "usr_acme"])
            #expect(
                members[0]?.object?.members.map(\.name) == [
                    "id", "email", "displayName", "role", "status", "createdAt",
                ])
            #expect(members[0]?["email"] == "bob@acme.example")
            #expect(members[0]?["displayName"] == .null)
            #expect(members[0]?["role"] == "admin")
            #expect(members[0]?["status"] == "active")
        }
    }

    @Test("get another role, which counts for sessions that are open")
    func role() async throws {
        try await OrgFixture.run { org, service in
            _ = try await org.member("bob", .operator)
            try await org.openSession("ses_bob", of: "usr_bob")
            func bob() async throws -> Role? {
                try await org.service.edge.call(ResolveCredential(sessionId: "ses_bob"), requestId: "test").caller?.role
            }
            #expect(try await bob() == .operator)
            let changed = try await update(org, "usr_bob", ["role": "admin"], as: org.owner())
            #expect(changed.status == 200)
            #expect(changed.json["role"] == "admin")
            #expect(try await bob() == .admin)
            #expect(try await org.audited() == ["member.update usr_bob"])
            let data = try await org.database.query("SELECT data FROM org.audit")[0].json("data")
            #expect(
                data == ["email": "bob@acme.example", "status": "active", "role": "admin", "previousRole": "operator"])
        }
    }

    @Test("are removed together with their sessions, and leave the keys that they have made")
    func removal() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await org.member("bob", .admin)
            try await org.openSession("ses_bob", of: "usr_bob")
            _ = try await org.database.query(
                """
                INSERT INTO org.api_keys (api_key_id, org_id, key_sha256, prefix, label, scopes, created_by)
                VALUES ('apikey_1', 'acme', repeat('0', 64), 'ebon_live_acme_', 'Test', '{all}', 'usr_bob')
                """)
            #expect(try await remove(org, "usr_bob", as: org.owner()).status == 204)
            #expect(try await remove(org, "usr_bob", as: org.owner()).status == 404)
            let caller = try await org.service.edge.call(ResolveCredential(sessionId: "ses_bob"), requestId: "test")
            #expect(caller.caller == nil)
            #expect(try await org.database.query("SELECT FROM org.live_credentials").count == 1)
            #expect(try await roles(org) == ["usr_acme": "owner"])
            #expect(try await org.audited() == ["member.remove usr_bob"])
        }
    }

    @Test("who are invited stand among the others, get another role, and are uninvited")
    func invitations() async throws {
        try await OrgFixture.run { org, _ in
            func invite(_ name: String, days: Int) async throws {
                _ = try await org.database.query(
                    """
                    INSERT INTO org.invitations (invitation_id, link_id, org_id, email, role, expires_at)
                    VALUES ('inv_' || $1, $1, 'acme', $1 || '@acme.example', 'owner', now() + make_interval(days => $2))
                    """, [name, days])
            }
            try await invite("bob", days: 7)
            try await invite("eve", days: -1)
            let members = try await org.service.call(OrgLocationsRoutes.listMembers.route, as: org.owner()).json
            #expect(members.array?.map { $0["id"] } == ["inv_bob", "usr_acme"])
            #expect(members[0]?["status"] == "invited")
            #expect(members[0]?["role"] == "owner")
            let admin = try await org.member("ann", .admin)
            #expect(try await remove(org, "inv_bob", as: admin).status == 403)
            let changed = try await update(org, "inv_bob", ["role": "operator"], as: org.owner())
            #expect(changed.json["role"] == "operator")
            #expect(changed.json["status"] == "invited")
            #expect(try await remove(org, "inv_bob", as: admin).status == 204)
            for id in ["inv_bob", "inv_eve"] {
                #expect(try await update(org, id, ["role": "admin"], as: org.owner()).status == 404)
                #expect(try await remove(org, id, as: org.owner()).status == 404)
            }
            #expect(try await org.audited() == ["member.update inv_bob", "member.remove inv_bob"])
        }
    }

    @Test("do not come back through an invitation that they sent while they could")
    func withdrawal() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await org.member("bob", .owner)
            for sender in ["bob", "acme"] {
                _ = try await org.database.query(
                    """
                    INSERT INTO org.invitations (invitation_id, link_id, org_id, email, role, invited_by, expires_at)
                    SELECT 'inv_' || $1 || '_' || role, $1 || role, 'acme', $1 || '.' || role || '@acme.example', role,
                        'usr_' || $1, now() + interval '7 days'
                    FROM unnest('{owner,admin,operator}'::text[]) role
                    """, [sender])
            }
            func sent() async throws -> [String] {
                try await org.database.query("SELECT invitation_id FROM org.invitations ORDER BY created_at, 1")
                    .map { try $0.string("invitation_id") }
            }
            let others = ["inv_acme_admin", "inv_acme_operator", "inv_acme_owner"]
            _ = try await update(org, "usr_bob", ["role": "owner"], as: org.owner())
            #expect(try await sent().count == 6)
            _ = try await update(org, "usr_bob", ["role": "admin"], as: org.owner())
            #expect(try await sent() == ["inv_bob_admin", "inv_bob_operator"] + others)
            _ = try await remove(org, "usr_bob", as: org.owner())
            #expect(try await sent() == others)
            #expect(try await org.audited().filter { $0.contains("inv_") }.count == 3)
        }
    }

    @Test("that are nobody, or another organization's, are not found before the body is looked at")
    func isolation() async throws {
        try await OrgFixture.run { org, _ in
            for id in ["usr_rival", "usr_none"] {
                for body in [["role": "admin"], [:]] as [JSON] {
                    #expect(try await update(org, id, body, as: org.owner()).message == "Member not found")
                }
                #expect(try await remove(org, id, as: org.owner()).status == 404)
            }
            let wrong = try await update(org, "usr_acme", ["role": "king"], as: org.owner())
            #expect(wrong.paths == ["body.role"])
            #expect(try await update(org, "usr_acme", [:], as: org.owner()).paths == ["body.role"])
        }
    }

    @Test("who are admins leave owners alone, and nobody makes the last owner anything else")
    func owners() async throws {
        try await OrgFixture.run { org, _ in
            let admin = try await org.member("bob", .admin)
            _ = try await org.member("eve", .operator)
            for (id, role) in [
                ("usr_acme", "admin"), ("usr_acme", "owner"), ("usr_eve", "owner"), ("usr_bob", "owner"),
            ] {
                let refused = try await update(org, id, ["role": .string(role)], as: admin)
                #expect(refused.status == 403)
                #expect(refused.message == "Only an owner may make, change or remove an owner")
            }
            #expect(try await remove(org, "usr_acme", as: admin).status == 403)
            #expect(try await update(org, "usr_eve", ["role": "admin"], as: admin).status == 200)
            for answer in [
                try await update(org, "usr_acme", ["role": "admin"], as: org.owner()),
                try await remove(org, "usr_acme", as: org.owner()),
            ] {
                #expect(answer.code == "CONFLICT")
                #expect(answer.message == "The last owner can neither be removed nor lose the role")
            }
            #expect(try await update(org, "usr_acme", ["role": "owner"], as: org.owner()).status == 200)
            #expect(try await update(org, "usr_bob", ["role": "owner"], as: org.owner()).status == 200)
            #expect(try await remove(org, "usr_acme", as: org.owner()).status == 204)
        }
    }

    @Test("who have lost their role may nothing with it, even if the edge does not know yet")
    func staleRole() async throws {
        try await OrgFixture.run { org, _ in
            let former = try await org.member("bob", .admin)
            _ = try await org.member("eve", .operator)
            _ = try await update(org, "usr_bob", ["role": "operator"], as: org.owner())
            #expect(try await update(org, "usr_bob", ["role": "admin"], as: former).status == 403)
            _ = try await remove(org, "usr_bob", as: org.owner())
            #expect(try await remove(org, "usr_eve", as: former).status == 403)
        }
    }

    @Test("keep an owner when two owners turn against each other, or both step down, at the same time")
    func race() async throws {
        try await OrgFixture.run { org, _ in
            for round in 0..<12 {
                let owners = [try await org.member("a\(round)", .owner), try await org.member("b\(round)", .owner)]
                _ = try await org.database.query(
                    "UPDATE org.users SET role = 'operator' WHERE org_id = 'acme' AND user_id <> ALL ($1)",
                    [owners.compactMap(\.userId)])
                let statuses = try await allAtOnce(2) { index in
                    let target = owners[round.isMultiple(of: 2) ? index : 1 - index].userId?.rawValue ?? ""
                    return round % 4 < 2
                        ? try await update(org, target, ["role": "admin"], as: owners[index]).status
                        : try await remove(org, target, as: owners[index]).status
                }
                #expect(statuses.count { $0 < 300 } == 1)
                #expect(statuses.count { $0 == (round.isMultiple(of: 2) ? 409 : 403) } == 1)
                let left = try await org.database.query(
                    "SELECT FROM org.users WHERE org_id = 'acme' AND role = 'owner'")
                #expect(left.count == 1)
            }
        }
    }

    @Test(
        "are touched as their roles permit",
        arguments: [
            (.owner, .owner, 2, .admin, nil), (.owner, .owner, 1, .admin, 409), (.owner, .owner, 1, .owner, nil),
            (.owner, .owner, 1, nil, 409), (.owner, .admin, 1, .owner, nil), (.owner, .operator, 1, nil, nil),
            (.admin, .owner, 2, nil, 403), (.admin, .owner, 1, .operator, 403), (.admin, .admin, 1, nil, nil),
            (.admin, .operator, 1, .owner, 403), (.admin, .operator, 1, .admin, nil),
            (.operator, .operator, 1, nil, 403), (nil, .operator, 1, nil, 403),
        ] as [(Role?, Role, Int, Role?, Int?)])
    func rule(_ actor: Role?, _ member: Role, _ owners: Int, _ role: Role?, _ status: Int?) {
        let rule = MembershipRule(actor: actor, member: member, status: .active, owners: owners)
        #expect(rule.refusal(ofBecoming: role)?.status == status)
        let invited = MembershipRule(actor: actor, member: member, status: .invited, owners: owners)
        #expect(invited.refusal(ofBecoming: role)?.status == (status == 409 ? nil : status))
    }
}

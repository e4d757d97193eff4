import Crypto
import Endpoints
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres
import TestSupport
import Testing

@testable import OrgLocations

@Suite("API keys") @Loop struct APIKeyTests {
    private static let members = ["id", "label", "prefix", "scopes", "active", "createdAt", "lastUsedAt"]

    private func create(
        _ org: OrgFixture, _ body: JSON = ["label": "Casa 1", "scopes": ["receipts", "devices:read"]],
        as caller: Caller? = nil
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(OrgLocationsRoutes.createAPIKey.route, as: caller ?? org.owner(), body: body)
    }

    private func on(
        _ route: Route, _ org: OrgFixture, _ id: String, as caller: Caller? = nil, body: JSON? = nil
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(route, as: caller ?? org.owner(), path: ["apiKeyId": id], body: body)
    }

    private func caller(_ org: OrgFixture, _ key: String) async throws -> Caller? {
        let digest = Hex.encode(SHA256.hash(Array(key.utf8)))
        return try await org.service.edge.call(ResolveCredential(keySHA256: digest), requestId: "test").caller
    }

    private func audit(_ org: OrgFixture) async throws -> [String] {
        try await org.database.query("SELECT action FROM org.audit ORDER BY id").map { try $0.string("action") }
    }

    @Test("are created with the secret shown once, and work for what they were given")
    func creation() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.pro)
            let created = try await create(org)
            #expect(created.status == 201)
            #expect(created.json.object?.members.map(\.name) == Self.members + ["key"])
            #expect(created.json["label"] == "Casa 1")
            #expect(created.json["prefix"] == "ebon_live_acme_")
            #expect(created.json["scopes"] == ["receipts", "devices:read"])
            #expect(created.json["active"] == true)
            #expect(created.json["lastUsedAt"] == .null)
            let key = try #require(created.json["key"]?.string)
            #expect(key.wholeMatch(of: /ebon_live_acme_[0-9a-f]{32}/) != nil)
            let id = try #require(created.json["id"]?.string)
            let read = try await on(OrgLocationsRoutes.apiKey.route, org, id)
            #expect(read.json.object?.members.map(\.name) == Self.members)
            #expect(
                try await caller(org, key)
                    == Caller(
                        apiKeyId: APIKeyID(id), orgId: "acme", plan: .pro, scopes: [.receipts, .devicesRead]))
            let stored = try await org.database.query("SELECT k::text AS row FROM org.api_keys k")[0].string("row")
            #expect(!stored.contains(key.suffix(32)))
            #expect(try await audit(org) == ["api_key.create"])
        }
    }

    @Test("are listed newest first, each organization its own, and not found by another")
    func isolation() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.enterprise)
            try await org.grant(.pro, to: "rival")
            var ids: [JSON?] = []
            for label in ["a", "b", "c"] {
                ids.append(try await create(org, ["label": .string(label), "scopes": ["all"]]).json["id"])
            }
            let listed = try await org.service.call(OrgLocationsRoutes.listAPIKeys.route, as: org.owner())
            #expect(listed.json.array?.map { $0["id"] } == ids.reversed())
            let rival = org.owner(of: "rival")
            #expect(try await org.service.call(OrgLocationsRoutes.listAPIKeys.route, as: rival).json == [])
            let id = ids[0]?.string ?? ""
            for route in [
                OrgLocationsRoutes.apiKey.route, OrgLocationsRoutes.updateAPIKey.route,
                OrgLocationsRoutes.deleteAPIKey.route,
            ] {
                for body in [["active": false], [:]] as [JSON] {
                    #expect(try await on(route, org, id, as: rival, body: body).code == "NOT_FOUND", "\(route.name)")
                }
            }
            #expect(try await on(OrgLocationsRoutes.apiKey.route, org, id).json["active"] == true)
        }
    }

    @Test("are not part of the free plan, whatever the body; those that exist outlive a downgrade")
    func plan() async throws {
        try await OrgFixture.run { org, _ in
            for body in [["label": "a", "scopes": ["all"]], [:], "nonsense"] as [JSON] {
                let refused = try await create(org, body)
                #expect(refused.status == 403)
                #expect(
                    refused.message
                        == "API key limit reached. Your free plan does not include API keys. Upgrade your plan to create API keys."
                )
            }
            try await org.grant(.pro)
            let key = try await create(org).json["key"]?.string ?? ""
            try await org.grant(.free)
            #expect(try await caller(org, key)?.plan == .free)
        }
    }

    @Test("are made by who may make them now, even if the edge does not know yet")
    func staleRole() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.pro)
            let former = try await org.member("bob", .admin)
            #expect(try await create(org, as: former).status == 201)
            for loss in [
                "UPDATE org.users SET role = 'operator' WHERE user_id = 'usr_bob'",
                "DELETE FROM org.users WHERE user_id = 'usr_bob'",
            ] as [Statement] {
                _ = try await org.database.query(loss)
                let refused = try await create(org, as: former)
                #expect(refused.status == 403)
                #expect(refused.message == "Your role does not permit this")
            }
            #expect(try await audit(org) == ["api_key.create"])
        }
    }

    @Test("are refused with every wrong field")
    func validation() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.pro)
            let long = JSON.string(String(repeating: "x", count: 101))
            #expect(try await create(org, [:]).paths == ["body.label", "body.scopes"])
            #expect(try await create(org, ["label": "", "scopes": []]).paths == ["body.label", "body.scopes"])
            #expect(
                try await create(org, ["label": long, "scopes": ["all", "root", 1]]).paths
                    == ["body.label", "body.scopes[1]", "body.scopes[2]"])
            let id = try await create(org, ["label": "a", "scopes": ["all", "all"]]).json["id"]?.string ?? ""
            let update = OrgLocationsRoutes.updateAPIKey.route
            #expect(try await on(update, org, id).status == 400)
            #expect(try await on(update, org, id, body: [:]).paths == ["body"])
            #expect(
                try await on(update, org, id, body: ["label": .null, "active": "no"]).paths
                    == ["body.label", "body.active"])
            #expect(try await on(OrgLocationsRoutes.apiKey.route, org, id).json["scopes"] == ["all"])
        }
    }

    @Test("are renamed, put to sleep and woken, and what changed nothing leaves no trace")
    func change() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.pro)
            let created = try await create(org).json
            let (id, key) = (created["id"]?.string ?? "", created["key"]?.string ?? "")
            let update = OrgLocationsRoutes.updateAPIKey.route
            let renamed = try await on(update, org, id, body: ["label": "Casa 2"])
            #expect(renamed.json["label"] == "Casa 2")
            #expect(renamed.json["active"] == true)
            let inactive = try await on(update, org, id, body: ["active": false])
            #expect(inactive.json["label"] == "Casa 2")
            #expect(inactive.json["active"] == false)
            #expect(try await caller(org, key) == nil)
            #expect(try await on(update, org, id, body: ["active": false]).json == inactive.json)
            #expect(try await on(update, org, id, body: ["active": true]).json == renamed.json)
            #expect(try await caller(org, key) != nil)
            #expect(try await audit(org) == ["api_key.create"] + Array(repeating: "api_key.update", count: 3))
        }
    }

    @Test("are revoked once, for good")
    func revocation() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.pro)
            let created = try await create(org).json
            let (id, key) = (created["id"]?.string ?? "", created["key"]?.string ?? "")
            let revoke = OrgLocationsRoutes.deleteAPIKey.route
            #expect(try await on(revoke, org, id).status == 204)
            #expect(try await on(revoke, org, id).status == 404)
            #expect(try await on(OrgLocationsRoutes.apiKey.route, org, id).status == 404)
            #expect(try await caller(org, key) == nil)
            #expect(try await audit(org) == ["api_key.create", "api_key.revoke"])
        }
    }

    @Test("never exceed what one list can show, however many are created at once")
    func limit() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.enterprise)
            _ = try await org.database.query(
                """
                INSERT INTO org.api_keys (api_key_id, org_id, key_sha256, prefix, label, scopes)
                SELECT 'apikey_' || n, 'acme', lpad(n::text, 64, '0'), 'ebon_live_acme_', 'x', '{all}'
                FROM generate_series(1, 495) n
                """)
            let statuses = try await allAtOnce(12) { _ in try await create(org).status }
            #expect(statuses.count { $0 == 201 } == 5)
            #expect(statuses.count { $0 == 409 } == 7)
        }
    }
}

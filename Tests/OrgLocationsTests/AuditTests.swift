import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("The audit") @Loop struct AuditTests {
    private func entries(
        _ org: OrgFixture, _ query: [String: String] = [:], of organization: OrgID = "acme"
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(OrgLocationsRoutes.audit.route, as: org.owner(of: organization), query: query)
    }

    @Test("says who did what to what, when and in which request")
    func entry() async throws {
        try await OrgFixture.run { org, _ in
            #expect(try await entries(org).json == ["entries": [], "nextCursor": .null])
            _ = try await org.service.call(
                OrgLocationsRoutes.updateLocation.route, as: org.owner(), path: ["locationId": "loc_acme"],
                body: ["name": "Sediu principal"])
            let page = try await entries(org).json
            #expect(page["nextCursor"] == .null)
            let entry = try #require(page["entries"]?[0])
            #expect(entry["id"]?.string?.hasPrefix("aud_") == true)
            #expect(entry["actorId"] == "usr_acme")
            #expect(entry["actorName"] == "owner@acme.example")
            #expect(entry["action"] == "location.update")
            #expect(entry["subjectId"] == "loc_acme")
            #expect(entry["data"] == ["name": "Sediu principal"])
            #expect(entry["requestId"] == "test-request")
            #expect(entry["createdAt"]?.string?.hasSuffix("Z") == true)
            #expect(try await entries(org, of: "rival").json["entries"] == [])
        }
    }

    @Test("names members by their address and keys by their label, those too that are gone")
    func actors() async throws {
        try await OrgFixture.run { org, _ in
            let bob = try await org.member("bob", .admin)
            _ = try await org.service.call(
                OrgLocationsRoutes.updateOrganization.route, as: bob, body: ["name": "Acme"])
            _ = try await org.database.query(
                """
                INSERT INTO org.api_keys (api_key_id, org_id, key_sha256, prefix, label, scopes)
                VALUES ('apikey_1', 'acme', repeat('0', 64), 'ebon_live_acme_', 'Casa 1', '{all}')
                """)
            _ = try await org.register()
            _ = try await org.service.call(
                OrgLocationsRoutes.removeMember.route, as: org.owner(), path: ["memberId": "usr_bob"])
            let found = try await entries(org).json["entries"]?.array ?? []
            #expect(found.map { $0["action"] } == ["member.remove", "device.create", "organization.update"])
            #expect(found.map { $0["actorName"] } == ["owner@acme.example", "Casa 1", "bob@acme.example"])
            #expect(found[2]["actorId"] == "usr_bob")
            #expect(found[0]["data"]?["email"] == "bob@acme.example")
            _ = try await org.service.call(
                OrgLocationsRoutes.deleteAPIKey.route, as: org.owner(), path: ["apiKeyId": "apikey_1"])
            #expect(try await entries(org).json["entries"]?[2]?["actorName"] == "Casa 1")
        }
    }

    @Test("is read page by page, newest first, while it grows")
    func pages() async throws {
        try await OrgFixture.run { org, _ in
            func rename(_ name: String) async throws {
                _ = try await org.service.call(
                    OrgLocationsRoutes.updateOrganization.route, as: org.owner(), body: ["name": .string(name)])
            }
            for index in 0..<7 { try await rename("\(index)") }
            var names: [String?] = []
            var query = ["limit": "3"]
            repeat {
                let page = try await entries(org, query).json
                names += page["entries"]?.array?.map { $0["data"]?["name"]?.string } ?? []
                query["cursor"] = page["nextCursor"]?.string
                try await rename("later")
            } while query["cursor"] != nil
            #expect(names == ["6", "5", "4", "3", "2", "1", "0"])
        }
    }

    @Test("refuses a limit or a cursor that is none, and another organization's cursor")
    func wrongQueries() async throws {
        try await OrgFixture.run { org, _ in
            for index in 0..<2 {
                _ = try await org.service.call(
                    OrgLocationsRoutes.updateOrganization.route, as: org.owner(of: "rival"),
                    body: ["name": .string("\(index)")])
            }
            let foreign = try await entries(org, ["limit": "1"], of: "rival").json["nextCursor"]?.string ?? ""
            for (query, path) in [
                (["limit": "0"], "query.limit"), (["limit": "101"], "query.limit"), (["limit": "x"], "query.limit"),
                (["cursor": "x"], "query.cursor"), (["cursor": ""], "query.cursor"),
                (["cursor": foreign], "query.cursor"),
            ] {
                let answer = try await entries(org, query)
                #expect(answer.status == 400)
                #expect(answer.paths == [path])
            }
            #expect(try await entries(org, ["limit": "100", "cursor": foreign], of: "rival").status == 200)
        }
    }
}

import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("An organization") @Loop struct OrganizationTests {
    @Test("is shown with the plan that counts now")
    func organization() async throws {
        try await OrgFixture.run { org, _ in
            let free = try await org.service.call(OrgLocationsRoutes.organization.route, as: org.owner())
            #expect(free.status == 200)
            #expect(free.json["id"] == "acme")
            #expect(free.json["cui"] == "RO12345678")
            #expect(free.json["plan"] == "free")
            try await org.grant(.enterprise)
            let granted = try await org.service.call(OrgLocationsRoutes.organization.route, as: org.owner())
            #expect(granted.json["plan"] == "enterprise")
            let nowhere = try await org.service.call(
                OrgLocationsRoutes.organization.route, as: org.owner(of: "nobody"))
            #expect(nowhere.status == 404)
        }
    }

    @Test("adds locations, lists its own newest first, and has what was done written down")
    func locations() async throws {
        try await OrgFixture.run { org, _ in
            let created = try await org.service.call(
                OrgLocationsRoutes.createLocation.route, as: org.owner(),
                body: ["name": "Depozit Pipera", "address": "Bd. Pipera 21, Voluntari"])
            #expect(created.status == 201)
            #expect(
                created.json.object?.members.map(\.name) == [
                    "id", "name", "address", "orgId", "createdAt", "updatedAt",
                ])
            let listed = try await org.service.call(OrgLocationsRoutes.listLocations.route, as: org.owner())
            #expect(listed.json.array?.count == 2)
            #expect(listed.json[0] == created.json)
            let wrong = try await org.service.call(
                OrgLocationsRoutes.createLocation.route, as: org.owner(), body: ["name": ""])
            #expect(wrong.paths == ["body.name", "body.address"])
            let audit = try await org.database.query("SELECT org_id, actor_id, action, subject_id FROM org.audit")
            #expect(audit.count == 1)
            #expect(try audit[0].string("actor_id") == "usr_acme")
            #expect(try audit[0].string("subject_id") == created.json["id"]?.string)
        }
    }

    @Test("is reached by every route that the service declares")
    func mounted() async throws {
        try await OrgFixture.run { org, _ in
            for route in OrgLocationsRoutes.all {
                let answer = try await org.service.call(route, as: org.owner(), path: ["deviceId": "dev_none"])
                #expect(answer.status < 500, "\(route.name)")
            }
        }
    }
}

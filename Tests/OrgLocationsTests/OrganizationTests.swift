import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("An organization") @Loop struct OrganizationTests {
    private static let address: JSON = [
        "country": "Romania", "county": "București", "city": "București", "street": "Str. Lipscani 12, ap. 4",
        "postalCode": "030031",
    ]

    private func update(_ org: OrgFixture, _ body: JSON, as caller: Caller? = nil) async throws -> ServiceFixture.Answer
    {
        try await org.service.call(OrgLocationsRoutes.updateOrganization.route, as: caller ?? org.owner(), body: body)
    }

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

    @Test("changes its name and its billing address, each alone, and nothing else")
    func update() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.pro)
            let renamed = try await update(org, ["name": "Acme Corp SRL", "cui": "1", "plan": "free", "id": "x"])
            #expect(renamed.status == 200)
            #expect(renamed.json["name"] == "Acme Corp SRL")
            #expect(renamed.json["billingAddress"] == nil)
            let moved = try await update(org, ["billingAddress": Self.address])
            #expect(moved.json["name"] == "Acme Corp SRL")
            #expect(moved.json["billingAddress"] == Self.address)
            #expect(moved.json["cui"] == "RO12345678")
            #expect(moved.json["plan"] == "pro")
            let shown = try await org.service.call(OrgLocationsRoutes.organization.route, as: org.owner())
            #expect(shown.json == moved.json)
            let replaced = try await update(org, ["billingAddress": ["city": "Cluj"]])
            #expect(replaced.json["billingAddress"] == ["city": "Cluj"])
            #expect(try await update(org, ["billingAddress": [:]]).json["billingAddress"] == [:])
            let rival = try await org.service.call(OrgLocationsRoutes.organization.route, as: org.owner(of: "rival"))
            #expect(rival.json["name"] == "rival")
            #expect(try await org.audited() == Array(repeating: "organization.update acme", count: 4))
        }
    }

    @Test(
        "says of every wrong field what is wrong with it",
        arguments: [
            ([:], ["body"]), (["cui": "RO1"], ["body"]), (["name": ""], ["body.name"]),
            (["name": .null], ["body.name"]), (["billingAddress": "Str."], ["body.billingAddress"]),
            (["name": .string(String(repeating: "ș", count: 256))], ["body.name"]),
            (
                [
                    "name": 1,
                    "billingAddress": [
                        "country": .string(String(repeating: "x", count: 101)),
                        "county": .string(String(repeating: "x", count: 101)),
                        "city": .string(String(repeating: "x", count: 101)),
                        "street": .string(String(repeating: "x", count: 301)),
                        "postalCode": .string(String(repeating: "x", count: 21)),
                    ],
                ],
                [
                    "body.name", "body.billingAddress.country", "body.billingAddress.county",
                    "body.billingAddress.city", "body.billingAddress.street", "body.billingAddress.postalCode",
                ]
            ),
        ] as [(JSON, [String])])
    func validation(_ body: JSON, _ paths: [String]) throws {
        let schema = try #require(OrgLocationsRoutes.updateOrganization.route.body)
        #expect(schema.violations(of: body, at: "body").map(\.path) == paths)
    }

    @Test("takes a name of 255 letters of any alphabet, and reports itself missing before a wrong body")
    func edges() async throws {
        try await OrgFixture.run { org, _ in
            let name = String(repeating: "ș", count: 255)
            let renamed = try await update(org, ["name": .string(name)])
            #expect(renamed.json["name"]?.string == name)
            #expect(try await update(org, ["name": ""], as: org.owner(of: "nobody")).status == 404)
            #expect(try await update(org, ["name": "x"], as: org.owner(of: "nobody")).status == 404)
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

    @Test("is administered by owners and admins; operators read it, and API keys do not reach it")
    func roles() {
        let operators = ["org.get", "locations.list", "users.me.get", "users.me.update", "users.me.password"]
        let portal = OrgLocationsRoutes.all.filter {
            let path = $0.path.description
            return path.hasPrefix("/api/v1/org") || path.hasPrefix("/api/v1/users")
        }
        for route in portal {
            let wanted = operators.contains(route.name) ? Set(Role.allCases) : [.owner, .admin]
            #expect(route.access == .jwt(roles: wanted), "\(route.name)")
        }
        #expect(portal.count { operators.contains($0.name) } == operators.count)
    }
}

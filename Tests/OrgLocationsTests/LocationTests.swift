import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("Locations") @Loop struct LocationTests {
    private func create(_ org: OrgFixture, _ name: String = "Depozit Pipera") async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.createLocation.route, as: org.owner(),
            body: ["name": .string(name), "address": "Bd. Pipera 21, Voluntari"])
    }

    private func update(
        _ org: OrgFixture, _ id: String, _ body: JSON, of organization: OrgID = "acme"
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.updateLocation.route, as: org.owner(of: organization), path: ["locationId": id],
            body: body)
    }

    private func delete(_ org: OrgFixture, _ id: String, of organization: OrgID = "acme") async throws
        -> ServiceFixture.Answer
    {
        try await org.service.call(
            OrgLocationsRoutes.deleteLocation.route, as: org.owner(of: organization), path: ["locationId": id])
    }

    private func listed(_ org: OrgFixture) async throws -> [JSON] {
        try await org.service.call(OrgLocationsRoutes.listLocations.route, as: org.owner()).json.array ?? []
    }

    @Test("are created in the shape of the reference and listed newest first")
    func creation() async throws {
        try await OrgFixture.run { org, _ in
            let created = try await create(org)
            #expect(created.status == 201)
            #expect(
                created.json.object?.members.map(\.name) == [
                    "id", "name", "address", "orgId", "createdAt", "updatedAt",
                ])
            #expect(created.json["id"]?.string?.hasPrefix("loc_") == true)
            #expect(created.json["orgId"] == "acme")
            #expect(created.json["createdAt"] == created.json["updatedAt"])
            let listed = try await listed(org)
            #expect(listed.map { $0["id"] } == [created.json["id"], "loc_acme"])
            #expect(listed[0] == created.json)
        }
    }

    @Test("are a thousand at most, because the list is answered whole")
    func limit() async throws {
        try await OrgFixture.run { org, _ in
            _ = try await org.database.query(
                """
                INSERT INTO org.locations (location_id, org_id, name, address)
                SELECT 'loc_' || n, 'acme', 'n', 'a' FROM generate_series(1, 998) n
                """)
            let statuses = try await allAtOnce(4) { _ in try await create(org).status }
            #expect(statuses.sorted() == [201, 409, 409, 409])
            #expect(try await listed(org).count == 1000)
        }
    }

    @Test("change their name and their address, each alone")
    func change() async throws {
        try await OrgFixture.run { org, _ in
            let created = try await create(org).json
            let id = created["id"]?.string ?? ""
            let renamed = try await update(org, id, ["name": "Depozit Pipera (etaj 2)", "orgId": "rival"])
            #expect(renamed.status == 200)
            #expect(renamed.json["name"] == "Depozit Pipera (etaj 2)")
            #expect(renamed.json["address"] == created["address"])
            #expect(renamed.json["orgId"] == "acme")
            #expect(renamed.json["createdAt"] == created["createdAt"])
            let moved = try await update(org, id, ["address": "Str. Horea 1"])
            #expect(moved.json["name"] == renamed.json["name"])
            #expect(moved.json["address"] == "Str. Horea 1")
            #expect(try await listed(org)[0] == moved.json)
        }
    }

    @Test("say of every wrong field what is wrong with it")
    func validation() throws {
        let long: JSON = [
            "name": .string(String(repeating: "x", count: 256)), "address": .string(String(repeating: "x", count: 501)),
        ]
        let cases: [(Schema?, JSON, [String])] = [
            (OrgLocationsRoutes.createLocation.route.body, [:], ["body.name", "body.address"]),
            (
                OrgLocationsRoutes.createLocation.route.body, ["name": "", "address": ""],
                ["body.name", "body.address"]
            ),
            (OrgLocationsRoutes.createLocation.route.body, long, ["body.name", "body.address"]),
            (OrgLocationsRoutes.updateLocation.route.body, [:], ["body"]),
            (OrgLocationsRoutes.updateLocation.route.body, ["city": "Cluj"], ["body"]),
            (
                OrgLocationsRoutes.updateLocation.route.body, ["name": "", "address": ""],
                ["body.name", "body.address"]
            ),
            (OrgLocationsRoutes.updateLocation.route.body, ["name": .null], ["body.name"]),
            (OrgLocationsRoutes.updateLocation.route.body, long, ["body.name", "body.address"]),
        ]
        for (schema, body, paths) in cases {
            #expect(schema?.violations(of: body, at: "body").map(\.path) == paths, "\(body)")
        }
    }

    @Test("of another organization are not there, which comes before a wrong body")
    func isolation() async throws {
        try await OrgFixture.run { org, _ in
            for id in ["loc_acme", "loc_none"] {
                for body in [["name": "x"], [:]] as [JSON] {
                    let answer = try await update(org, id, body, of: "rival")
                    #expect(answer.status == 404)
                    #expect(answer.message == "Location not found")
                }
                #expect(try await delete(org, id, of: "rival").code == "NOT_FOUND")
            }
            #expect(try await update(org, "loc_acme", [:]).status == 400)
            #expect(try await listed(org).count == 1)
        }
    }

    @Test("are deleted for good, but not while devices are assigned to them")
    func deletion() async throws {
        try await OrgFixture.run { org, _ in
            let empty = try await create(org).json["id"]?.string ?? ""
            #expect(try await delete(org, empty).status == 204)
            #expect(try await delete(org, empty).status == 404)
            #expect(try await update(org, empty, ["name": "x"]).status == 404)
            try await org.grant(.pro)
            for _ in 0..<3 { _ = try await org.register() }
            let refused = try await delete(org, "loc_acme")
            #expect(refused.code == "CONFLICT")
            #expect(
                refused.message
                    == "Cannot delete location — it has 3 device(s) assigned. Move or delete the devices first.")
            #expect(try await listed(org).count == 1)
            _ = try await org.database.query("DELETE FROM org.devices")
            #expect(try await delete(org, "loc_acme").status == 204)
            #expect(try await listed(org) == [])
            #expect(
                try await org.audited().filter { $0.hasPrefix("location") } == [
                    "location.create \(empty)", "location.delete \(empty)", "location.delete loc_acme",
                ])
        }
    }

    @Test("wait for a device that is being added, and are kept; one that is being deleted gets no device")
    func deletionAgainstOneDevice() async throws {
        try await OrgFixture.run { org, _ in
            let kept = try await org.whileUncommitted(
                """
                INSERT INTO org.devices (device_id, org_id, location_id, name, protocol, transport, connection_params)
                VALUES ('dev_1', 'acme', 'loc_acme', 'Bar', 'tremol', 'tcp', '{}')
                """, []
            ) { try await delete(org, "loc_acme") }
            #expect(kept.status == 409)
            #expect(kept.message?.contains("it has 1 device(s) assigned") == true)
            let id = try await create(org).json["id"]?.string ?? ""
            let refused = try await org.whileUncommitted("DELETE FROM org.locations WHERE location_id = $1", [id]) {
                try await org.service.call(
                    OrgLocationsRoutes.createDevice.route, as: org.key(), body: OrgFixture.newDevice(location: id))
            }
            #expect(refused.status == 400)
            #expect(refused.paths == ["body.locationId"])
        }
    }

    @Test("are either deleted or get the device, when both are asked for at once")
    func deletionAgainstDevices() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.enterprise)
            var locations: [String] = []
            for index in 0..<20 { locations.append(try await create(org, "\(index)").json["id"]?.string ?? "") }
            let statuses = try await allAtOnce(40) { index in
                let location = locations[index / 2]
                // Neither of the two has the advantage of being first in all the pairs.
                if (index + index / 2).isMultiple(of: 2) { return try await delete(org, location).status }
                return try await org.service.call(
                    OrgLocationsRoutes.createDevice.route, as: org.key(),
                    body: OrgFixture.newDevice(location: location)
                ).status
            }
            for pair in 0..<20 {
                #expect(
                    [[201, 409], [204, 400]].map(Set.init).contains([statuses[2 * pair], statuses[2 * pair + 1]]))
            }
            let orphans = try await org.database.query(
                "SELECT FROM org.devices d LEFT JOIN org.locations l USING (org_id, location_id) WHERE l.name IS NULL")
            #expect(orphans.isEmpty)
        }
    }
}

import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres
import TestSupport
import Testing

@testable import OrgLocations

@Suite("A registered device") @Loop struct DeviceChangeTests {
    private func patch(
        _ org: OrgFixture, _ device: String, _ body: JSON, as caller: Caller? = nil
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.updateDevice.route, as: caller ?? org.key(), path: ["deviceId": device], body: body)
    }

    private func delete(_ org: OrgFixture, _ device: String, as caller: Caller? = nil) async throws -> Int {
        try await org.service.call(
            OrgLocationsRoutes.deleteDevice.route, as: caller ?? org.key(), path: ["deviceId": device], headers: [:]
        ).status
    }

    private func audit(_ org: OrgFixture, _ device: String) async throws -> [String] {
        try await org.database.query(
            "SELECT concat_ws(' ', action, actor_id, request_id) AS entry FROM org.audit WHERE subject_id = $1 ORDER BY id",
            [device]
        ).map { try $0.string("entry") }
    }

    @Test("is renamed, moved and reached otherwise, each alone or all at once")
    func update() async throws {
        try await OrgFixture.run { org, _ in
            let device = try await org.register()
            try await org.addLocation("loc_second")
            let created = try await org.service.call(
                OrgLocationsRoutes.device.route, as: org.key(), path: ["deviceId": device]
            ).json
            let renamed = try await patch(org, device, ["name": "Tejghea POS 1 (renumită)"])
            #expect(renamed.status == 200)
            #expect(renamed.json["name"] == "Tejghea POS 1 (renumită)")
            for member in ["id", "connectionParams", "locationId", "createdAt", "status", "protocol", "transport"] {
                #expect(renamed.json[member] == created[member])
            }
            #expect(try #require(renamed.json["updatedAt"]?.string) > #require(created["updatedAt"]?.string))
            let moved = try await patch(org, device, ["locationId": "loc_second"])
            #expect(moved.json["locationId"] == "loc_second")
            let all = try await patch(
                org, device,
                [
                    "name": "Bar", "locationId": "loc_acme",
                    "connectionParams": ["host": "10.0.0.7", "port": 4999, "address": "unused"], "status": "error",
                    "transport": "usb", "orgId": "rival",
                ])
            #expect(all.json["connectionParams"] == ["host": "10.0.0.7", "port": 4999])
            #expect(all.json["name"] == "Bar" && all.json["locationId"] == "loc_acme")
            #expect(all.json["transport"] == "tcp" && all.json["orgId"] == "acme" && all.json["status"] == "offline")
            let read = try await org.service.call(
                OrgLocationsRoutes.device.route, as: org.key(), path: ["deviceId": device])
            #expect(read.json == all.json)
            let update = "device.update apikey_1 test-request"
            #expect(try await audit(org, device).dropFirst() == [update, update, update])
        }
    }

    @Test("stays untouched, with its updatedAt, by changes to what it is already")
    func unchanged() async throws {
        try await OrgFixture.run { org, _ in
            let device = try await org.register()
            let first = try await patch(org, device, ["name": "Bar"])
            let again = try await patch(
                org, device,
                ["name": "Bar", "locationId": "loc_acme", "connectionParams": ["port": 9100, "host": "192.168.1.50"]])
            #expect(again.status == 200)
            #expect(again.json == first.json)
            #expect(try await audit(org, device).count == 2)
        }
    }

    @Test(
        "takes no wrong changes, and every wrong field is named",
        arguments: [
            ([:], ["body"]), (["protocol": "daisy"], ["body"]), ("nonsense", ["body"]),
            (["name": "", "locationId": "loc_none"], ["body.name", "body.locationId"]),
            (["name": "Bar", "locationId": "loc_rival"], ["body.locationId"]),
            (["locationId": ""], ["body.locationId"]),
            (
                ["connectionParams": ["address": "00:11"], "locationId": "loc_none"],
                ["body.connectionParams.host", "body.connectionParams.port", "body.locationId"]
            ),
            (
                ["connectionParams": ["address": "00:11"], "name": 7, "locationId": "loc_none"],
                ["body.name", "body.connectionParams.host", "body.connectionParams.port", "body.locationId"]
            ),
            (
                ["connectionParams": ["host": "h", "port": 0], "locationId": "loc_none"],
                ["body.connectionParams.port", "body.locationId"]
            ),
            (
                ["connectionParams": ["address": "00:11"]],
                ["body.connectionParams.host", "body.connectionParams.port"]
            ),
            (["connectionParams": .null, "name": .null], ["body.name", "body.connectionParams"]),
        ] as [(JSON, [String])])
    func wrongChanges(_ body: JSON, _ paths: [String]) async throws {
        try await OrgFixture.run { org, _ in
            let device = try await org.register()
            let answer = try await patch(org, device, body)
            #expect(answer.status == 400)
            #expect(answer.code == "VALIDATION_ERROR")
            #expect(answer.paths == paths)
            #expect(try await audit(org, device).count == 1)
        }
    }

    @Test("without TCP takes an address, and keeps nothing else")
    func otherTransports() async throws {
        try await OrgFixture.run { org, _ in
            var body = try #require(OrgFixture.newDevice().object)
            body["transport"] = "bluetooth"
            body["connectionParams"] = ["host": "h", "port": 1, "address": "00:11"]
            let created = try await org.service.call(
                OrgLocationsRoutes.createDevice.route, as: org.key(), body: .object(body))
            #expect(created.json["connectionParams"] == ["address": "00:11"])
            let id = try #require(created.json["id"]?.string)
            let wrong = try await patch(org, id, ["connectionParams": ["host": "h", "port": 1]])
            #expect(wrong.paths == ["body.connectionParams.address"])
            let empty = try await patch(org, id, ["connectionParams": ["host": "h", "port": 1, "address": ""]])
            #expect(empty.paths == ["body.connectionParams.address"])
            let right = try await patch(org, id, ["connectionParams": ["address": "22:33", "host": "", "port": 0]])
            #expect(right.json["connectionParams"] == ["address": "22:33"])
        }
    }

    @Test("is gone once it is deleted, with one event and one line in the audit, and its place is free again")
    func deletion() async throws {
        try await OrgFixture.run { org, _ in
            let device = try await org.register()
            _ = try await org.register()
            #expect(try await delete(org, device) == 204)
            #expect(try await delete(org, device) == 404)
            #expect(try await patch(org, device, [:]).status == 404)
            #expect(try await org.database.events(DeviceDeleted.self) == [DeviceDeleted(deviceId: DeviceID(device))])
            #expect(try await audit(org, device).dropFirst() == ["device.delete apikey_1 test-request"])
            #expect(try await org.register().hasPrefix("dev_"))
        }
    }

    @Test("is neither changed nor deleted by another organization, which is not told that it exists")
    func isolation() async throws {
        try await OrgFixture.run { org, _ in
            let device = try await org.register()
            let stranger = org.key(of: "rival")
            for body in [["name": "Mine"], [:], ["locationId": "loc_rival"]] as [JSON] {
                let foreign = try await patch(org, device, body, as: stranger)
                let missing = try await patch(org, "dev_none", body, as: stranger)
                #expect(foreign.status == 404)
                #expect(foreign.json == missing.json)
            }
            #expect(try await delete(org, device, as: stranger) == 404)
            #expect(try await delete(org, device) == 204)
        }
    }

    @Test("does not move to a location that is being deleted, and keeps the one that it is moving to")
    func locationGone() async throws {
        try await OrgFixture.run { org, _ in
            let device = try await org.register()
            try await org.addLocation("loc_second")
            let refused = try await org.whileUncommitted(
                "DELETE FROM org.locations WHERE location_id = 'loc_second'", []
            ) { try await patch(org, device, ["name": "Bar", "locationId": "loc_second"]) }
            #expect(refused.status == 400)
            #expect(refused.paths == ["body.locationId"])
            #expect(try await audit(org, device).count == 1)
            try await org.addLocation("loc_third")
            let kept = try await org.whileUncommitted(
                "UPDATE org.devices SET location_id = 'loc_third' WHERE device_id = $1", [device]
            ) {
                try await org.service.call(
                    OrgLocationsRoutes.deleteLocation.route, as: org.owner(), path: ["locationId": "loc_third"],
                    headers: [:])
            }
            #expect(kept.status == 409)
        }
    }

    @Test("is deleted by one of many that try at once, and is changed by nobody afterwards")
    func race() async throws {
        try await OrgFixture.run { org, _ in
            let device = try await org.register()
            let statuses = try await allAtOnce(20) { index in
                index.isMultiple(of: 2)
                    ? try await delete(org, device)
                    : try await patch(org, device, ["name": .string("Bar \(index)")]).status
            }
            #expect(statuses.filter { $0 == 204 }.count == 1)
            #expect(statuses.allSatisfy { [200, 204, 404].contains($0) })
            #expect(try await org.database.events(DeviceDeleted.self).count == 1)
            #expect(try await audit(org, device).last?.hasPrefix("device.delete") == true)
        }
    }
}

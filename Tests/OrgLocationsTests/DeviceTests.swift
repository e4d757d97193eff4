import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import Postgres
import TestSupport
import Testing

@testable import OrgLocations

@Suite("Devices") @Loop struct DeviceTests {
    @Test("are registered, read and listed in the shape of the reference")
    func lifecycle() async throws {
        try await OrgFixture.run { org, _ in
            let created = try await org.service.call(
                OrgLocationsRoutes.createDevice.route, as: org.key(), body: OrgFixture.newDevice())
            #expect(created.status == 201)
            let members = [
                "id", "name", "protocol", "transport", "locationId", "connectionParams", "orgId", "status",
                "controllerId", "controllerName", "createdAt", "updatedAt",
            ]
            #expect(created.json.object?.members.map(\.name) == members)
            #expect(created.json["status"] == "offline")
            #expect(created.json["controllerId"] == .null)
            #expect(created.json["connectionParams"] == ["host": "192.168.1.50", "port": 9100])
            let id = try #require(created.json["id"]?.string)
            #expect(id.hasPrefix("dev_"))
            let read = try await org.service.call(
                OrgLocationsRoutes.device.route, as: org.key(), path: ["deviceId": id])
            #expect(read.json == created.json)
            let listed = try await org.service.call(OrgLocationsRoutes.listDevices.route, as: org.key())
            #expect(listed.json == [created.json])
            let registered = try #require(try await org.database.events(DeviceRegistered.self).first)
            #expect(registered.deviceId.rawValue == id)
            #expect(registered.createdAt.description == created.json["createdAt"]?.string)
        }
    }

    @Test("are not found by another organization")
    func isolation() async throws {
        try await OrgFixture.run { org, _ in
            let id = try await org.register()
            let stranger = org.key(of: "rival")
            for route in [
                OrgLocationsRoutes.device.route, OrgLocationsRoutes.claimDevice.route,
                OrgLocationsRoutes.releaseDevice.route,
            ] {
                let answer = try await org.service.call(
                    route, as: stranger, path: ["deviceId": id], body: ["controllerId": "a", "controllerName": "A"])
                #expect(answer.status == 404)
            }
            #expect(try await org.service.call(OrgLocationsRoutes.listDevices.route, as: stranger).json == [])
            let elsewhere = try await org.service.call(
                OrgLocationsRoutes.createDevice.route, as: stranger, body: OrgFixture.newDevice(location: "loc_acme"))
            #expect(elsewhere.status == 400)
            #expect(elsewhere.paths == ["body.locationId"])
        }
    }

    @Test("are filtered by status and location, and show what the gateway knows")
    func filters() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.enterprise)
            let first = try await org.register()
            let second = try await org.register()
            _ = try await org.database.atomically([
                ("INSERT INTO gateway.instances (instance, seen_at) VALUES ('gateway-1', now())", []),
                (
                    """
                    INSERT INTO gateway.device_states (device_id, org_id, epoch, session, instance, connected, busy,
                        connected_at, last_seen, app_version, device_model, os_version)
                    VALUES ($1, 'acme', 1, 's', 'gateway-1', true, true, now(), now(), '', '', '')
                    """, [first]
                ),
            ])
            func ids(_ query: [String: String]) async throws -> [String?] {
                try await org.service.call(OrgLocationsRoutes.listDevices.route, as: org.key(), query: query)
                    .json.array?.map { $0["id"]?.string } ?? []
            }
            #expect(try await ids(["status": "busy"]) == [first])
            #expect(try await ids(["status": "offline"]) == [second])
            #expect(try await ids(["status": "error"]) == [])
            #expect(try await ids(["locationId": "loc_acme"]).count == 2)
            #expect(try await ids(["locationId": "loc_rival"]) == [])
            let wrong = try await org.service.call(
                OrgLocationsRoutes.listDevices.route, as: org.key(), query: ["status": "asleep"])
            #expect(wrong.status == 400)
            #expect(wrong.paths == ["query.status"])
        }
    }

    @Test("are refused at the plan's limit, before anybody looks at the body")
    func limitBeforeBody() async throws {
        try await OrgFixture.run { org, _ in
            let wrong = try await org.service.call(
                OrgLocationsRoutes.createDevice.route, as: org.key(), body: ["transport": "tcp"])
            #expect(wrong.status == 400)
            #expect(wrong.paths.contains("body.name") && wrong.paths.contains("body.locationId"))
            for _ in 0..<2 { _ = try await org.register() }
            for body in [OrgFixture.newDevice(), [:], "nonsense"] as [JSON] {
                let full = try await org.service.call(
                    OrgLocationsRoutes.createDevice.route, as: org.key(), body: body)
                #expect(full.status == 403)
                #expect(
                    full.message
                        == "Device limit reached. Your free plan allows a maximum of 2 devices (current: 2). Upgrade your plan to add more devices."
                )
            }
            try await org.grant(.pro)
            #expect(try await org.register().hasPrefix("dev_"))
        }
    }

    @Test("beyond the limit of a lesser plan go on working, and only new ones are refused")
    func downgrade() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.pro)
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await org.register()) }
            try await org.grant(.free)
            let refused = try await org.service.call(
                OrgLocationsRoutes.createDevice.route, as: org.key(), body: OrgFixture.newDevice())
            #expect(refused.status == 403)
            #expect(refused.message?.contains("a maximum of 2 devices (current: 3).") == true)
            for id in ids {
                let renamed = try await org.service.call(
                    OrgLocationsRoutes.updateDevice.route, as: org.key(), path: ["deviceId": id], body: ["name": "Bar"])
                #expect(renamed.status == 200)
            }
            let listed = try await org.service.call(OrgLocationsRoutes.listDevices.route, as: org.key())
            #expect(listed.json.array?.compactMap { $0["id"]?.string } == ids.reversed())
        }
    }

    @Test("are refused with all that is wrong, whoever finds it")
    func everyViolation() async throws {
        try await OrgFixture.run { org, _ in
            var body = try #require(OrgFixture.newDevice(location: "loc_rival").object)
            body["name"] = nil
            body["connectionParams"] = ["address": "00:11"]
            let wrong = try await org.service.call(
                OrgLocationsRoutes.createDevice.route, as: org.key(), body: .object(body))
            #expect(wrong.status == 400)
            #expect(
                wrong.paths == [
                    "body.name", "body.connectionParams.host", "body.connectionParams.port", "body.locationId",
                ])
            body["locationId"] = ""
            let empty = try await org.service.call(
                OrgLocationsRoutes.createDevice.route, as: org.key(), body: .object(body))
            #expect(empty.paths.filter { $0 == "body.locationId" }.count == 1)
            let unreadable = try await org.service.call(
                OrgLocationsRoutes.createDevice.route, as: org.key(), bytes: Array("{".utf8))
            #expect(unreadable.code == "BAD_REQUEST")
        }
    }

    @Test("never exceed the limit, however many are registered at once")
    func limitUnderRace() async throws {
        try await OrgFixture.run { org, _ in
            try await org.grant(.pro)
            let statuses = try await allAtOnce(40) { _ in
                try await org.service.call(
                    OrgLocationsRoutes.createDevice.route, as: org.key(), body: OrgFixture.newDevice()
                ).status
            }
            #expect(statuses.filter { $0 == 201 }.count == 10)
            #expect(statuses.filter { $0 == 403 }.count == 30)
            let count = try await org.database.query("SELECT count(*) AS n FROM org.devices")[0].int("n")
            #expect(count == 10)
        }
    }

    @Test(
        "are refused with parameters that do not suit the transport",
        arguments: [
            ("tcp", ["address": "00:11"], ["body.connectionParams.host", "body.connectionParams.port"]),
            ("serial", ["host": "h", "port": 1], ["body.connectionParams.address"]),
            ("tcp", ["host": "h", "port": 0], ["body.connectionParams.port"]),
            ("tcp", ["host": "h", "port": 65536], ["body.connectionParams.port"]),
            ("usb", ["address": ""], ["body.connectionParams.address"]),
        ] as [(String, JSON, [String])])
    func connectionParameters(_ transport: String, _ parameters: JSON, _ paths: [String]) throws {
        var body = try #require(OrgFixture.newDevice().object)
        body["transport"] = .string(transport)
        body["connectionParams"] = parameters
        let schema = try #require(OrgLocationsRoutes.createDevice.route.body)
        #expect(schema.violations(of: .object(body), at: "body").map(\.path) == paths)
    }
}

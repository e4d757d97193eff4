import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("The control of a device") @Loop struct ControlTests {
    private func claim(_ org: OrgFixture, _ device: String, _ id: String, _ name: String) async throws
        -> ServiceFixture.Answer
    {
        try await org.service.call(
            OrgLocationsRoutes.claimDevice.route, as: org.key(), path: ["deviceId": device],
            body: ["controllerId": .string(id), "controllerName": .string(name)])
    }

    private func release(_ org: OrgFixture, _ device: String, _ id: String) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.releaseDevice.route, as: org.key(), path: ["deviceId": device],
            body: ["controllerId": .string(id)])
    }

    @Test("is claimed by one, kept against others, renamed by its holder, and given up by its holder only")
    func semantics() async throws {
        try await OrgFixture.run { org, _ in
            let device = try await org.register()
            let nobody = try await release(org, device, "a")
            #expect(nobody.status == 403)
            let claimed = try await claim(org, device, "a", "Counter A")
            #expect(claimed.status == 200)
            #expect(claimed.json["controllerId"] == "a")
            #expect(claimed.json["controllerName"] == "Counter A")
            #expect(try await claim(org, device, "a", "Counter A").json == claimed.json)
            #expect(try await org.database.events(DeviceClaimed.self).count == 1)
            #expect(try await claim(org, device, "b", "Counter B").code == "CONFLICT")
            let renamed = try await claim(org, device, "a", "Counter 1")
            #expect(renamed.json["controllerName"] == "Counter 1")
            #expect(
                try await org.database.events(DeviceClaimed.self).last
                    == DeviceClaimed(deviceId: DeviceID(device), controllerId: "a", controllerName: "Counter 1"))
            #expect(try await release(org, device, "b").code == "FORBIDDEN")
            let released = try await release(org, device, "a")
            #expect(released.status == 200)
            #expect(released.json["controllerId"] == .null)
            #expect(released.json["controllerName"] == .null)
            #expect(
                try await org.database.events(DeviceReleased.self) == [
                    DeviceReleased(deviceId: DeviceID(device), controllerId: "a")
                ])
            #expect(try await release(org, device, "a").status == 403)
        }
    }

    @Test("reports a missing device before a wrong body, and every wrong field of a body")
    func order() async throws {
        try await OrgFixture.run { org, _ in
            #expect(try await claim(org, "dev_none", "", "").status == 404)
            let device = try await org.register()
            let wrong = try await claim(org, device, "", String(repeating: "x", count: 256))
            #expect(wrong.status == 400)
            #expect(wrong.paths == ["body.controllerId", "body.controllerName"])
        }
    }

    @Test("goes to exactly one of many that claim at once")
    func race() async throws {
        try await OrgFixture.run { org, _ in
            let device = try await org.register()
            let statuses = try await allAtOnce(20) { index in try await claim(org, device, "c\(index)", "C").status }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 409 }.count == 19)
            #expect(try await org.database.events(DeviceClaimed.self).count == 1)
        }
    }
}

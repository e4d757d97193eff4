import EventLoop
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A register that is there", .serialized) @Loop struct LiveRegister {
        @Test("says at once how much money is in its drawer") func balance() async throws {
            let system = try await EverydayStack.shared()
            let device = system[.balance]
            let sale = try await system.cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt)
            _ = try await system.ended(sale)
            let balance = try await system.cloud.get("/api/v1/devices/\(device)/cash-balance")
            #expect(balance.status == 200)
            #expect(balance.json["cashBalance"]?.number?.decimal == 18)
            #expect(balance.json["currency"]?.string == "RON")
            #expect(balance.json["deviceId"]?.string == device)
            #expect(balance.json["timestamp"]?.string != nil)
        }

        @Test("closes its day once at a time") func report() async throws {
            let system = try await EverydayStack.shared()
            let device = system[.reports]
            try await system.floor.set("latency", ["milliseconds": 500], of: device)
            let first = try await system.cloud.post(
                "/api/v1/commands", ["deviceId": .string(device), "type": "z_report"])
            #expect(first.status == 201)
            let second = try await system.cloud.post(
                "/api/v1/commands", ["deviceId": .string(device), "type": "z_report"])
            #expect(second.status == 409)
            #expect(second.code == "CONFLICT")
            let ended = try await system.ended(first)
            #expect(ended?.json["status"]?.string == "completed")
            #expect(ended?.json["result"]?["zNumber"]?.integer == 1)
            try await system.floor.set("latency", ["milliseconds": 20], of: device)
            let third = try await system.cloud.post(
                "/api/v1/commands", ["deviceId": .string(device), "type": "z_report"])
            #expect(third.status == 201)
            #expect(try await system.ended(third)?.json["result"]?["zNumber"]?.integer == 2)
            let alerts = try await system.cloud.get("/api/v1/devices/\(device)/alerts").json["alerts"]?.array ?? []
            #expect(alerts.isEmpty)
        }

        @Test("is shown as it is") func shown() async throws {
            let system = try await EverydayStack.shared()
            let device = system[.balance]
            let one = try await system.cloud.get("/api/v1/devices/\(device)")
            #expect(one.json["status"]?.string == "online")
            #expect(one.json["controllerId"]?.string == "instance_a")
            let statuses = try await system.cloud.get("/api/v1/devices/statuses").json["statuses"]
            #expect(statuses?[device]?["wsConnected"]?.bool == true)
            #expect(statuses?["dev_pos_02"]?["wsConnected"]?.bool == false)
            let online = try await system.cloud.get("/api/v1/devices?status=online").json.array ?? []
            #expect(online.contains { $0["id"]?.string == device })
            #expect(!online.contains { $0["id"]?.string == "dev_pos_02" })
            let instances = try await system.cloud.get("/api/v1/app-instances").json["instances"]?.array ?? []
            #expect(instances.contains { $0["deviceId"]?.string == device })
        }
    }
}

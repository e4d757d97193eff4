import EventLoop
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("The portal", .serialized) @Loop struct Portal {
        @Test("lets the owner in, shows the organization, and lets nobody else in") func login() async throws {
            let system = try await EverydayStack.shared()
            let portal = try await Cloud.portal(system.stack)
            let me = try await portal.get("/api/v1/me").json
            #expect(me["kind"]?.string == "user")
            #expect(me["orgId"]?.string == "acme_corp")
            #expect(me["role"]?.string == "owner")
            let organization = try await portal.get("/api/v1/org").json
            #expect(organization["id"]?.string == "acme_corp")
            #expect(organization["plan"]?.string == "enterprise")
            #expect(try await system.cloud.get("/api/v1/org").status == 403)
            let wrong = try await Cloud(system.stack, credential: [:]).post(
                "/api/v1/auth/login", ["email": .string(system.stack.variables.email), "password": "guessed"])
            #expect(wrong.status == 401)
            #expect(try await portal.send(.post, "/api/v1/auth/logout").status == 204)
            let ended: Bool? = try await eventually { try await portal.get("/api/v1/me").status == 401 ? true : nil }
            #expect(ended == true)
        }

        @Test("adds a location, where a device can be put") func locations() async throws {
            let system = try await EverydayStack.shared()
            let portal = try await Cloud.portal(system.stack)
            let created = try await portal.post(
                "/api/v1/org/locations", ["name": "Filiala Cluj", "address": "Str. Horea 1, Cluj-Napoca"])
            #expect(created.status == 201)
            let id = created.json["id"]?.string ?? ""
            let listed = try await portal.get("/api/v1/org/locations").json.array ?? []
            #expect(listed.first?["id"]?.string == id)
            let device = try await system.cloud.post(
                "/api/v1/devices",
                [
                    "name": "Cluj 1", "protocol": "tremol", "transport": "bluetooth", "locationId": .string(id),
                    "connectionParams": ["address": "00:11:22:33:44:55"],
                ])
            #expect(device.status == 201)
            #expect(device.json["status"]?.string == "offline")
            let there = try await system.cloud.get("/api/v1/devices?locationId=\(id)").json.array ?? []
            #expect(there.map { $0["id"] } == [device.json["id"]])
        }

        @Test("gives a device to one controller at a time") func control() async throws {
            let system = try await EverydayStack.shared()
            let device = try await system.cloud.register("Bar", claimed: false)
            let path = "/api/v1/devices/\(device)"
            let live = try await system.cloud.get("\(path)/cash-balance")
            #expect(live.status == 503)
            let first = try await system.cloud.post("\(path)/claim", Cloud.controller)
            #expect(first.status == 200)
            #expect(first.json["controllerName"]?.string == "Casa A")
            let other: JSON = ["controllerId": "instance_b", "controllerName": "Casa B"]
            #expect(try await system.cloud.post("\(path)/claim", other).status == 409)
            #expect(try await system.cloud.post("\(path)/release", other).status == 403)
            let released = try await system.cloud.post("\(path)/release", Cloud.controller)
            #expect(released.json["controllerId"]?.isNull == true)
            #expect(try await system.cloud.post("\(path)/claim", other).status == 200)
        }

        @Test("shows nothing of another organization, not even that it exists") func strangers() async throws {
            let system = try await EverydayStack.shared()
            let other = try Cloud(system.stack, apiKey: try await system.stack.makeOrganization("pizza_delta").apiKey)
            let device = system[.balance]
            let order = try await system.cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt)
            let command = order.json["id"]?.string ?? ""
            for path in ["", "/receipts", "/cash-balance", "/alerts"] {
                let foreign = try await other.get("/api/v1/devices/\(device)\(path)")
                let missing = try await other.get("/api/v1/devices/dev_nowhere\(path)")
                #expect(foreign.status == 404)
                #expect(foreign.json == missing.json, "\(path)")
            }
            #expect(try await other.get("/api/v1/commands/\(command)").status == 404)
            #expect(try await other.post("/api/v1/commands/\(command)/cancel", [:]).status == 404)
            #expect(try await other.post("/api/v1/devices/\(device)/commands", Sale.printReceipt).status == 404)
            #expect(try await other.post("/api/v1/devices/\(device)/claim", Cloud.controller).status == 404)
            #expect(try await other.get("/api/v1/commands").json["commands"]?.array == [])
            #expect(try await other.get("/api/v1/devices/alerts").json["alerts"]?[device] == nil)
            #expect(try await other.get("/api/v1/devices/statuses").json["statuses"]?[device] == nil)
            _ = try await system.ended(order)
        }
    }
}

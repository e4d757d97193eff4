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

        @Test("lets the owner put the organization in order, and says afterwards who did what")
        func organization() async throws {
            let system = try await EverydayStack.shared()
            let owner = try await system.stack.makeOrganization("bistro_delta")
            let portal = try await Cloud.portal(system.stack, of: owner)
            let till = try Cloud(system.stack, apiKey: owner.apiKey)
            #expect(try await portal.patch("/api/v1/org", ["name": "Bistro SRL"]).json["name"]?.string == "Bistro SRL")
            let place = try await portal.post("/api/v1/org/locations", ["name": "Terasa", "address": "Str. Horea 1"])
            let path = "/api/v1/org/locations/\(place.json["id"]?.string ?? "")"
            #expect(try await portal.patch(path, ["name": "Terasa 2"]).json["address"]?.string == "Str. Horea 1")
            let device = try await till.post(
                "/api/v1/devices",
                [
                    "name": "Bar", "protocol": "tremol", "transport": "bluetooth",
                    "locationId": place.json["id"] ?? .null, "connectionParams": ["address": "00:11:22:33:44:55"],
                ])
            #expect(device.status == 201)
            let kept = try await portal.send(.delete, path)
            #expect(kept.status == 409)
            #expect(
                kept.message
                    == "Cannot delete location — it has 1 device(s) assigned. Move or delete the devices first.")
            let subscribers: JSON = ["subscribers": [["email": "ops@bistro.example", "categories": ["alerts"]]]]
            #expect(try await portal.patch("/api/v1/org/settings/notifications", subscribers).json == subscribers)
            #expect(try await portal.get("/api/v1/org/settings/notifications").json == subscribers)
            let named = try await portal.patch(
                "/api/v1/users/me", ["displayName": "Ana", "phoneNumber": "+40712345678"])
            #expect(try await portal.get("/api/v1/users/me").json == named.json)
            #expect(try await portal.get("/api/v1/org/members").json[0]?["displayName"]?.string == "Ana")
            var actions: [String?] = []
            var cursor: String?
            repeat {
                let page = try await portal.get(
                    "/api/v1/org/audit?limit=2\(cursor.map { "&cursor=\($0)" } ?? "")")
                actions += page.json["entries"]?.array?.map { $0["action"]?.string } ?? []
                cursor = page.json["nextCursor"]?.string
            } while cursor != nil
            #expect(
                actions.prefix(6) == [
                    "user.update", "notifications.replace", "device.create", "location.update", "location.create",
                    "organization.update",
                ])
        }

        @Test("ends the other sessions of who takes another password") func password() async throws {
            let system = try await EverydayStack.shared()
            let owner = try await system.stack.makeOrganization("bistro_gamma")
            let here = try await Cloud.portal(system.stack, of: owner)
            let elsewhere = try await Cloud.portal(system.stack, of: owner)
            #expect(try await elsewhere.get("/api/v1/me").status == 200)
            let path = "/api/v1/users/me/password"
            let wrong = try await here.post(path, ["currentPassword": "guessed", "newPassword": "another password"])
            #expect(wrong.paths == ["body.currentPassword"])
            let changed = try await here.post(
                path, ["currentPassword": .string(owner.password), "newPassword": "another password"])
            #expect(changed.status == 204)
            let ended: Bool? = try await eventually(within: .seconds(5)) {
                try await elsewhere.get("/api/v1/me").status == 401 ? true : nil
            }
            #expect(ended == true)
            #expect(try await here.get("/api/v1/me").status == 200)
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

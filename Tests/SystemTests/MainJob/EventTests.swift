import EventLoop
import HTTP
import JSON
import Models
import TestSupport
import Testing

extension SystemTests {
    @Suite("A listener to events", .serialized) @Loop struct Events {
        /// Contract §7, word for word.
        nonisolated private static let members: [String: [String]] = [
            "device.status": ["deviceId", "status", "timestamp"],
            "device.claimed": ["controllerId", "controllerName", "deviceId"],
            "device.released": ["controllerId", "deviceId"], "device.alert": ["alert", "deviceId", "state"],
            "receipt.created": ["deviceId", "receiptId", "total"],
            "command.completed": ["commandId", "deviceId", "outcome", "result", "status", "type"],
            "command.failed": ["commandId", "deviceId", "error", "outcome", "status", "type"],
            "app.connected": ["appVersion", "deviceId", "deviceModel", "osVersion"],
            "app.disconnected": ["code", "deviceId", "reason"],
        ]

        @Test("is told what a register, its app and its owner do, with the contract's data and nothing else")
        func everything() async throws {
            let system = try await EverydayStack.shared()
            let organization = try await system.stack.makeOrganization("events_corp")
            let cloud = try Cloud(system.stack, apiKey: organization.apiKey)
            let listener = EventListener(system.stack, credential: ["x-api-key": organization.apiKey])
            try await listener.open()
            let device = organization.device
            let path = "/api/v1/devices/\(device)"
            let controller = try await cloud.get(path).json["controllerId"] ?? .null
            let app: JSON = ["controllerId": controller == .null ? "app_1" : controller]
            let claim: JSON = ["controllerId": app["controllerId"] ?? .null, "controllerName": "Tejghea nouă"]
            #expect(try await cloud.post("\(path)/claim", claim).status == 200)
            let register = try await DeviceSocket(
                system.stack, device: device, credential: ["x-api-key": organization.apiKey])
            #expect(await register.next("welcome") != nil)
            for ok in [true, false] {
                _ = try await cloud.post("\(path)/commands", Sale.printReceipt)
                let id = try #require(await register.next("command")?["id"])
                let outcome: JSON =
                    ok
                    ? ["type": "result", "id": id, "ok": true, "data": ["receiptNumber": "0001"]]
                    : [
                        "type": "result", "id": id, "ok": false,
                        "error": ["code": "E301", "message": "Out of paper", "retryable": true],
                    ]
                register.send(["type": "accepted", "id": id])
                register.send(outcome)
                #expect(await register.next("ack") != nil)
            }
            register.send(["type": "status", "flags": ["coverOpen": true]])
            #expect(await listener.event("device.alert") { $0["state"] == "raised" } != nil)
            register.socket.close()
            #expect(try await cloud.post("\(path)/release", app).status == 200)
            for (type, members) in Self.members {
                let event = await listener.event(type)
                #expect(event?.object?.members.map(\.name) == ["id", "type", "createdAt", "data"], "\(type)")
                #expect(event?["data"]?.object?.members.map(\.name).sorted() == members, "\(type)")
                #expect(event?["data"]?["deviceId"]?.string == device, "\(type)")
                #expect(event?["createdAt"]?.string.flatMap { Timestamp($0) } != nil, "\(type)")
            }
            #expect(Set(listener.types).isSubset(of: Self.members.keys))
            #expect(listener.events.allSatisfy { $0["data"]?["deviceId"]?.string == device })
            let receipt = await listener.event("receipt.created")
            #expect(receipt?["data"]?["total"]?.number?.decimal == 18)
            listener.close()
        }

        @Test("with a key sees what the key's scopes allow, with a session everything, and without either nothing")
        func scopes() async throws {
            let system = try await EverydayStack.shared()
            let portal = try await Cloud.portal(system.stack)
            let key = try await portal.post(
                "/api/v1/org/api-keys", ["label": "ERP", "scopes": ["receipts:read", "commands"]])
            let blind = try await portal.post("/api/v1/org/api-keys", ["label": "Z", "scopes": ["reports"]])
            let narrow = EventListener(system.stack, credential: ["x-api-key": key.json["key"]?.string ?? ""])
            let whole = EventListener(system.stack, credential: portal.credential)
            for listener in [narrow, whole] { try await listener.open() }
            let sale = try await system.cloud.post(
                "/api/v1/devices/\(system[.events])/commands", Sale.printReceipt)
            let id = try #require(sale.json["id"]?.string)
            for listener in [narrow, whole] {
                #expect(await listener.event("command.completed") { $0["commandId"]?.string == id } != nil)
            }
            #expect(whole.types.contains { $0.hasPrefix("device.") })
            #expect(narrow.types.allSatisfy { $0.hasPrefix("command.") || $0 == "receipt.created" })
            #expect(try await status("subscribe=events", ["x-api-key": blind.json["key"]?.string ?? ""], system) == 403)
            #expect(try await status("subscribe=events", [:], system) == 401)
            let good: HTTPHeaders = ["x-api-key": system.stack.variables.apiKey]
            for query in [
                "subscribe=receipts", "subscribe=", "subscribe=events&deviceId=dev_pos_02", "subscribe=events&since=",
                "since=evt_1", "subscribe=receipts&deviceId=dev_pos_02",
            ] { #expect(try await status(query, good, system) == 400, "\(query)") }
            #expect(try await system.cloud.get("/ws?subscribe=events").status == 426)
            let revoked = try await portal.send(.delete, "/api/v1/org/api-keys/\(key.json["id"]?.string ?? "")")
            #expect(revoked.status == 204)
            #expect(await narrow.closeCode(within: .seconds(5)) == 4401)
            whole.close()
        }

        private func status(_ query: String, _ headers: HTTPHeaders, _ system: EverydayStack) async throws -> Int {
            let url = system.stack.variables.url.replacing("http://", with: "ws://")
            do {
                let socket = try await WebSocketClient.connect("\(url)/ws?\(query)", headers: headers)
                socket.abort()
                return 101
            } catch HTTPClientError.refused(let response) {
                return response.status.rawValue
            }
        }
    }
}

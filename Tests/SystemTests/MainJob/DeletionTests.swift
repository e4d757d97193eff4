import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A device that is deleted", .serialized) @Loop struct Deletion {
        @Test("leaves its records, and nothing that waits, blinks or goes on") func everything() async throws {
            var options = Stack.Options()
            options.environment["COMMAND_TIME_LIMIT_SECONDS"] = "8"
            try await Stack.run(options) { stack in
                let cloud = try Cloud(stack)
                let device = try await cloud.register("Chioșc")
                let app = try await DeviceSocket(stack, device: device)
                app.send(["type": "status", "flags": ["coverOpen": true]])
                let printed = try await order(of: device, cloud)
                try await deliver(printed, to: app)
                app.send(["type": "result", "id": .string(printed), "ok": true, "data": ["receiptNumber": "0000001"]])
                #expect(await app.next("ack") != nil)
                #expect(try await announced(device, stack, count: 2))
                // One that the register is at, and one that waits for it.
                let running = try await order(of: device, cloud)
                try await deliver(running, to: app)
                let waiting = try await order(of: device, cloud)

                #expect(try await cloud.send(.delete, "/api/v1/devices/\(device)").status == 204)
                #expect(try await cloud.send(.delete, "/api/v1/devices/\(device)").status == 404)
                #expect(try await command(waiting, becomes: "cancelled", cloud)?["outcome"] == "not_executed")
                #expect(try await command(running, becomes: "timeout", cloud)?["outcome"] == "unknown")
                // The register may tell how it went until its time is over.
                #expect(await app.closeCode(within: .seconds(6)) == 4404)
                #expect(try await announced(device, stack, count: 0))

                for path in ["", "/status", "/connection-history", "/alerts", "/receipts"] {
                    #expect(try await cloud.get("/api/v1/devices/\(device)\(path)").status == 404)
                }
                #expect(try await cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt).status == 404)
                #expect(try await cloud.get("/api/v1/devices/alerts").json["alerts"]?[device] == nil)
                #expect(try await cloud.get("/api/v1/devices/statuses").json["statuses"]?[device] == nil)
                #expect(try await cloud.get("/api/v1/app-instances").json["instances"]?.array == [])
                await #expect(throws: HTTPClientError.self) { try await DeviceSocket(stack, device: device) }
                try await records(of: device, cloud, commands: [waiting, running, printed])
            }
        }

        private func order(of device: String, _ cloud: Cloud) async throws -> String {
            let answer = try await cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt)
            return answer.json["id"]?.string ?? "\(answer.status)"
        }

        private func deliver(_ id: String, to app: DeviceSocket) async throws {
            let frame = try #require(await app.next("command"))
            #expect(frame["id"]?.string == id)
            app.send(["type": "accepted", "id": .string(id)])
        }

        private func command(_ id: String, becomes status: String, _ cloud: Cloud) async throws -> JSON? {
            try await eventually(within: .seconds(20)) {
                let command = try await cloud.get("/api/v1/commands/\(id)").json
                return command["status"]?.string == status ? command : Optional.none
            }
        }

        /// Whether so many of the device's alerts come to be known as announced.
        private func announced(_ device: String, _ stack: Stack, count: Int) async throws -> Bool {
            let books = Books(stack)
            let reached: Bool? = try await eventually {
                try await books.count("SELECT count(*) FROM alerts.announced WHERE device_id = $1", [device]) == count
                    ? true : nil
            }
            await books.close()
            return reached == true
        }

        private func records(of device: String, _ cloud: Cloud, commands: [String]) async throws {
            let listed = try await cloud.get("/api/v1/commands?deviceId=\(device)").json["commands"]?.array ?? []
            #expect(listed.compactMap { $0["id"]?.string } == commands)
            let receipts = try await cloud.get("/api/v1/receipts?deviceId=\(device)").json["receipts"]?.array ?? []
            #expect(receipts.map { $0["receiptNumber"] } == ["0000001"])
            let id = receipts.first?["id"]?.string ?? ""
            #expect(try await cloud.get("/api/v1/receipts/\(id)").json["receipt"] == receipts.first)
        }
    }
}

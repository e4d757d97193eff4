import EventLoop
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A receipt that was ordered over REST", .serialized) @Loop struct Receipts {
        @Test("is printed once, completed, and in the journal") func printed() async throws {
            let system = try await EverydayStack.shared()
            let device = system[.receipts]
            let order = try await system.cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt)
            #expect(order.status == 201)
            #expect(order.json["status"]?.string == "pending")
            #expect(order.json["outcome"]?.isNull == true)
            let command = try #require(try await system.ended(order)).json
            let id = try #require(command["id"]?.string)
            #expect(command["status"]?.string == "completed")
            #expect(command["outcome"]?.string == "executed")
            #expect(command["attempts"]?.integer == 1)
            #expect(try await system.floor.device(device).prints[id] == 1)
            let receipts =
                try await system.cloud.get("/api/v1/devices/\(device)/receipts").json["receipts"]?.array ?? []
            let receipt = try #require(receipts.first)
            #expect(receipts.count == 1)
            #expect(receipt["deviceId"]?.string == device)
            #expect(receipt["type"]?.string == "sale")
            #expect(receipt["total"]?.number?.lexeme == "18.00")
            #expect(receipt["items"] == Sale.payload["items"])
            #expect(receipt["locationId"]?.string == "loc_main")
            #expect(receipt["fiscalId"]?.string == command["result"]?["fiscalId"]?.string)
            try await Invariants.check(system.stack)
        }

        @Test("is one, however often it is ordered under one key") func idempotency() async throws {
            let system = try await EverydayStack.shared()
            let path = "/api/v1/devices/\(system[.payloads])/commands"
            let cloud = system.cloud
            let answers = try await allAtOnce(8) { _ in
                try await cloud.post(path, Sale.printReceipt, headers: ["Idempotency-Key": "same"])
            }
            #expect(answers.allSatisfy { $0.status == 201 })
            #expect(Set(answers.map { $0.json["id"]?.string }).count == 1)
            #expect(answers.filter { $0.headers["Idempotent-Replayed"] == "true" }.count == 7)
            let other = try await cloud.post(path, ["type": "x_report"], headers: ["Idempotency-Key": "same"])
            #expect(other.status == 422)
            #expect(other.code == "UNPROCESSABLE_ENTITY")
            let malformed = try await cloud.post(path, Sale.printReceipt, headers: ["Idempotency-Key": "not allowed"])
            #expect(malformed.status == 400)
            let command = try #require(try await system.ended(answers[0])).json
            let id = try #require(command["id"]?.string)
            #expect(try await system.floor.device(system[.payloads]).prints == [id: 1])
        }

        @Test("waits for a device that is away, and is refused to nobody") func offline() async throws {
            let system = try await EverydayStack.shared()
            let device = system[.events]
            try await system.floor.set("connection", ["state": "down"], of: device)
            #expect(try await system.becomes("offline", device))
            let order = try await system.cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt)
            #expect(order.status == 201)
            let live = try await system.cloud.get("/api/v1/devices/\(device)/cash-balance")
            #expect(live.status == 503)
            #expect(live.code == "SERVICE_UNAVAILABLE")
            let waiting = try await system.cloud.get("/api/v1/commands/\(order.json["id"]?.string ?? "")")
            #expect(waiting.json["status"]?.string == "pending")
            try await system.floor.set("connection", ["state": "up"], of: device)
            #expect(try await system.ended(order)?.json["status"]?.string == "completed")
            try await Invariants.check(system.stack)
        }

        @Test("fails, unprinted, without paper, and prints again with paper") func paper() async throws {
            let system = try await EverydayStack.shared()
            let device = system[.alerts]
            try await system.floor.set("flags", ["paperEnd": true], of: device)
            let refused = try #require(
                try await system.ended(system.cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt)))
            #expect(refused.json["status"]?.string == "failed")
            #expect(refused.json["outcome"]?.string == "not_executed")
            #expect(refused.json["error"]?["retryable"]?.bool == true)
            try await system.floor.set("flags", ["paperEnd": false], of: device)
            let printed = try await system.ended(
                system.cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt))
            #expect(printed?.json["status"]?.string == "completed")
            try await Invariants.check(system.stack)
        }
    }
}

import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("An idempotency key", .serialized) @Loop struct IdempotencyKeys {
        @Test("makes one command of fifty requests at once, with two dispatchers to reach")
        func once() async throws {
            try await Stack.run(Stack.Options(scale: ["command-dispatcher": 2])) { stack in
                let cloud = try Cloud(stack)
                let keys = ["a", String(repeating: "Z_9-", count: 32)]
                for (key, device) in zip(keys, ["dev_pos_01", "dev_pos_02"]) {
                    let answers = try await allAtOnce(50) { _ in
                        try await cloud.order(Sale.printReceipt, of: device, key: key)
                    }
                    #expect(answers.allSatisfy { $0.status == 201 })
                    #expect(Set(answers.map(\.json)).count == 1)
                    #expect(answers.count { $0.headers["Idempotent-Replayed"] == nil } == 1)
                    #expect(answers.count { $0.headers["Idempotent-Replayed"] == "true" } == 49)
                }
                #expect(try await cloud.get("/api/v1/commands").json["commands"]?.array?.count == 2)
            }
        }

        @Test("stands for one request of one organization") func scope() async throws {
            let system = try await EverydayStack.shared()
            let device = try await system.cloud.register("idempotency")
            let first = try await system.cloud.order(["type": "x_report"], of: device, key: "scope")
            #expect(first.status == 201 && first.headers["Idempotent-Replayed"] == nil)
            let again = try await system.cloud.order(["type": "x_report"], of: device, key: "scope")
            #expect(again.status == 201 && again.json == first.json && again.headers["Idempotent-Replayed"] == "true")
            for (path, body) in [
                ("/api/v1/devices/\(device)/commands", ["type": "open_drawer"]),
                ("/api/v1/devices/dev_pos_02/commands", ["type": "x_report"]),
                ("/api/v1/commands", ["type": "x_report", "deviceId": .string(device)]),
            ] as [(String, JSON)] {
                let other = try await system.cloud.post(path, body, headers: ["Idempotency-Key": "scope"])
                #expect(other.status == 422 && other.code == "UNPROCESSABLE_ENTITY", "\(path) \(other.json)")
            }
            let neighbour = try await system.stack.makeOrganization("access_home")
            let theirs = try await Cloud(system.stack, apiKey: neighbour.apiKey)
                .order(["type": "x_report"], of: neighbour.device, key: "scope")
            #expect(theirs.status == 201 && theirs.headers["Idempotent-Replayed"] == nil)
        }

        @Test("is not spent by a request that is refused") func refused() async throws {
            let system = try await EverydayStack.shared()
            let device = try await system.cloud.register("refusals")
            func order(_ body: JSON, of device: String) async throws -> Int {
                try await system.cloud.order(body, of: device, key: "refused").status
            }
            #expect(try await order(["type": "print_receipt"], of: device) == 400)
            #expect(try await order(["type": "x_report"], of: "dev_none") == 404)
            #expect(try await system.cloud.order(["type": "z_report"], of: device, key: "day").status == 201)
            #expect(try await order(["type": "z_report"], of: device) == 409)
            #expect(try await system.cloud.order(["type": "z_report"], of: device, key: "day").status == 201)
            #expect(try await order(["type": "x_report"], of: device) == 201)
        }

        @Test(
            "that is none is refused",
            arguments: ["", " ", "a b", "ä", "a,b", "a/b", String(repeating: "k", count: 129)])
        func malformed(_ key: String) async throws {
            let system = try await EverydayStack.shared()
            let answer = try await system.cloud.order(["type": "x_report"], of: "dev_pos_02", key: key)
            #expect(answer.status == 400 && answer.paths == ["headers.idempotency-key"], "\(answer.json)")
        }
    }
}

extension Cloud {
    fileprivate func order(_ command: JSON, of device: String, key: String) async throws -> Answer {
        try await post("/api/v1/devices/\(device)/commands", command, headers: ["Idempotency-Key": key])
    }
}

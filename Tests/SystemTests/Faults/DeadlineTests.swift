import EventLoop
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A command whose time is over", .serialized) @Loop struct Deadlines {
        @Test("was never delivered if the device was away, and never will be") func away() async throws {
            let system = try await HurriedStack.shared()
            try await system.floor.set("connection", ["state": "down"], of: system.device)
            let order = try await system.order("print_receipt")
            let command = try #require(try await system.command(order) { $0["finishedAt"]?.string != nil })
            #expect(command["status"]?.string == "timeout")
            #expect(command["outcome"]?.string == "not_executed")
            #expect(command["error"]?["code"]?.string == "E500")
            #expect(command["error"]?["retryable"]?.bool == true)
            try await system.floor.set("connection", ["state": "up"], of: system.device)
            try await Invariants.check(system.stack)
            #expect(try await system.floor.device(system.device).prints[order] == nil)
        }

        @Test("and that was printed unheard is known as printed as soon as the device is back") func unheard()
            async throws
        {
            let system = try await HurriedStack.shared()
            try await system.floor.set("latency", ["milliseconds": 700], of: system.device)
            let order = try await system.order("print_receipt")
            let isRunning: Bool? = try await eventually {
                try await system.floor.device(system.device).running == order ? true : nil
            }
            #expect(isRunning == true)
            try await system.floor.set("connection", ["state": "down"], of: system.device)
            let late = try #require(try await system.command(order) { $0["finishedAt"]?.string != nil })
            #expect(late["status"]?.string == "timeout")
            #expect(late["outcome"]?.string == "unknown")
            #expect(late["error"]?["retryable"]?.bool == false)
            try await system.floor.set("latency", ["milliseconds": 20], of: system.device)
            try await system.floor.set("connection", ["state": "up"], of: system.device)
            let resolved = try #require(try await system.command(order) { $0["resolvedAt"]?.string != nil })
            #expect(resolved["status"]?.string == "timeout")
            #expect(resolved["outcome"]?.string == "executed")
            #expect(try await system.floor.device(system.device).prints[order] == 1)
            try await Invariants.check(system.stack)
        }

        @Test("and that never reached the device is not printed when it is back") func lost() async throws {
            let system = try await HurriedStack.shared()
            // Cut off at every arrival, until nobody sends it any more.
            try await system.floor.set(
                "failure", ["point": "before-journal", "action": "disconnect", "times": 1000], of: system.device)
            let order = try await system.order("z_report")
            let late = try #require(
                try await system.command(order) {
                    $0["finishedAt"]?.string != nil && $0["outcome"]?.string != "unknown"
                })
            #expect(late["status"]?.string == "timeout")
            #expect(late["outcome"]?.string == "not_executed")
            try await system.floor.set(
                "failure", ["point": "before-journal", "action": "disconnect", "times": 1], of: system.device)
            let again = try await system.order("z_report")
            let done = try await system.command(again) { $0["finishedAt"]?.string != nil }
            #expect(done?["status"]?.string == "completed")
            try await Invariants.check(system.stack)
            #expect(try await system.floor.device(system.device).prints[order] == nil)
        }

        @Test("for its caller goes on: the live route says under which id") func live() async throws {
            let system = try await HurriedStack.shared()
            try await system.floor.set("latency", ["milliseconds": 2000], of: system.device)
            let answer = try await system.cloud.get("/api/v1/devices/\(system.device)/cash-balance")
            #expect(answer.status == 504)
            #expect(answer.code == "COMMAND_TIMEOUT")
            let message = answer.json["error"]?["details"]?.text ?? ""
            let id = try #require(message.firstMatch(of: /cmd_[A-Za-z0-9_-]+/)).output
            let command = try await system.command(String(id)) { $0["finishedAt"]?.string != nil }
            #expect(command?["status"]?.string == "completed")
            try await system.floor.set("latency", ["milliseconds": 20], of: system.device)
            try await Invariants.check(system.stack)
        }
    }
}

/// A stack whose commands have four seconds instead of three minutes, and whose live routes wait for one.
@Loop private struct HurriedStack {
    let stack: Stack
    let cloud: Cloud
    let floor: ShopFloor
    let device: String

    private static var started: Task<HurriedStack, any Error>?

    static func shared() async throws -> HurriedStack {
        if let started { return try await started.value }
        let task = Task { @Loop in try await HurriedStack() }
        started = task
        return try await task.value
    }

    private init() async throws {
        var options = Stack.Options()
        options.environment["COMMAND_TIME_LIMIT_SECONDS"] = "4"
        options.environment["LIVE_ROUTE_TIMEOUT"] = "1s"
        stack = try await Stack.start(options)
        cloud = try Cloud(stack)
        floor = ShopFloor(stack: stack)
        device = try await cloud.register("hurried")
        try await stack.startDevices([device], environment: ["VIRTUAL_DEVICE_SEED": "1"])
    }

    func order(_ type: String) async throws -> String {
        let isSale = type == "print_receipt"
        let answer = try await cloud.post(
            "/api/v1/devices/\(device)/commands", isSale ? Sale.printReceipt : ["type": .string(type)])
        return answer.json["id"]?.string ?? "\(answer.status)"
    }

    /// Waits until the API shows the command as `wanted`.
    func command(_ id: String, _ wanted: (JSON) -> Bool) async throws -> JSON? {
        try await eventually(within: .seconds(30)) {
            let command = try await cloud.get("/api/v1/commands/\(id)").json
            // A bare `nil` would be JSON's null.
            return wanted(command) ? command : Optional.none
        }
    }
}

import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import CommandDispatcher

@Suite("Live routes", .serialized) @Loop struct LiveRouteTests {
    private func balance(
        _ stack: DispatcherFixture, of device: String = "dev_1"
    ) async throws -> (status: Int, body: JSON, headers: [String: String]) {
        try await stack.request("devices.cash-balance", path: ["deviceId": device])
    }

    @Test("answer with what the register says, on whichever replica its answer arrives")
    func answer() async throws {
        try await DispatcherFixture.run(replicas: 3) { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in
                .answer(.ok(data: ["cashBalance": .number(JSONNumber(lexeme: "1234.50")!), "deviceId": "dev_2"]))
            }
            for _ in 1...6 {
                let answer = try await balance(stack)
                #expect(answer.status == 200)
                #expect(answer.body["cashBalance"]?.text == "1234.50")
                #expect(answer.body["currency"] == "RON")
                #expect(answer.body["deviceId"] == "dev_1")
                #expect(answer.body["timestamp"]?.string.flatMap { Timestamp($0) } != nil)
            }
            #expect(try await stack.count("dispatch.commands WHERE status = 'completed'") == 6)
        }
    }

    @Test("refuse at once, and queue nothing, without a socket or a controller")
    func unavailable() async throws {
        try await DispatcherFixture.run { stack in
            #expect(try await balance(stack).status == 503)
            #expect(try await balance(stack, of: "dev_none").status == 404)
            #expect(try await balance(stack, of: "dev_foreign").status == 404)
            try await stack.gateway.connect("dev_unclaimed")
            let unclaimed = try await balance(stack, of: "dev_unclaimed")
            #expect(unclaimed.status == 503)
            #expect(unclaimed.body["error"]?["code"] == "SERVICE_UNAVAILABLE")
            #expect(try await stack.count("dispatch.commands") == 0)
        }
    }

    @Test("say what the register refused, and what it left out")
    func refused() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in
                .answer(.error(CommandError(code: "E012", message: "Paper end", retryable: true)))
            }
            let refused = try await balance(stack)
            #expect(refused.status == 502)
            #expect(refused.body["error"]?["code"] == "DEVICE_ERROR")
            #expect(refused.body["error"]?["details"]?["code"] == "E012")
            stack.gateway.behaviour = { _ in .answer(.ok(data: ["drawer": "open"])) }
            let incomplete = try await balance(stack)
            #expect(incomplete.status == 500)
            #expect(incomplete.body["error"]?["code"] == "INTERNAL_ERROR")
        }
    }

    @Test("give up after their time and name the command, whose outcome is still found out")
    func timeout() async throws {
        try await DispatcherFixture.run(patience: .milliseconds(200)) { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in .doItSilently(.ok(data: ["cashBalance": 5])) }
            let answer = try await balance(stack)
            #expect(answer.status == 504)
            #expect(answer.body["error"]?["code"] == "COMMAND_TIMEOUT")
            let id = CommandID(try #require(answer.body["error"]?["details"]?["commandId"]?.string))
            #expect(try await stack.command(id)["status"] == "sent")
            try await stack.gateway.connect("dev_1")
            #expect(try await stack.command(id, when: "completed")?["outcome"] == "executed")
        }
    }

    @Test("withdraw what never left the queue")
    func withdrawn() async throws {
        try await DispatcherFixture.run(patience: .milliseconds(200)) { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in .lose }
            _ = try await stack.order(of: "dev_1")
            #expect(try await balance(stack).status == 503)
            #expect(try await stack.count("dispatch.commands WHERE status = 'cancelled'") == 1)
        }
    }

    @Test("find a finished command by looking, when the word of it got lost")
    func backstop() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in .lose }
            let waiting = Task { @Loop in try await balance(stack) }
            _ = await eventually { stack.gateway.delivered.isEmpty ? nil : true }
            _ = try await stack.owner.query(
                """
                UPDATE dispatch.commands SET status = 'completed', outcome = 'executed', result = '{"cashBalance":1}',
                    finished_at = now()
                """)
            try await stack.dispatchers[0].sweep.lookAfterWaiters()
            #expect(try await waiting.value.status == 200)
        }
    }
}

import CommandDispatcherRoutes
import Endpoints
import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import CommandDispatcher

@Suite("Live routes", .serialized) @Loop struct LiveRouteTests {
    private typealias Answer = (status: Int, body: JSON, headers: [String: String])

    private func ask(
        _ stack: DispatcherFixture, _ command: String, _ body: JSON? = nil, of device: String = "dev_1"
    ) async throws -> Answer {
        try await stack.request("devices.\(command)", path: ["deviceId": device], body: body)
    }

    private func balance(_ stack: DispatcherFixture, of device: String = "dev_1") async throws -> Answer {
        try await ask(stack, "get_cash_amount", of: device)
    }

    @Test("are those of the reference, with its methods, scopes and commands")
    func declared() {
        let declared = CommandDispatcherRoutes.live.map { live in
            let route = live.endpoint.route
            return "\(route.method.rawValue) \(route.path) \(live.command.type) \(route.access)"
        }
        let expected = [
            "GET cash-balance get_cash_amount", "POST set-datetime set_datetime",
            "POST print-duplicate print_duplicate", "POST non-fiscal non_fiscal_receipt", "POST logo set_logo",
            "DELETE logo delete_logo", "GET vat-rates get_vat_rates", "GET vat-capabilities get_vat_capabilities",
            "POST vat-rates set_vat_rates", "GET header-footer-capabilities get_header_footer_capabilities",
            "GET header-footer get_header_footer", "POST header-footer set_header_footer",
            "GET operator-capabilities get_operator_capabilities", "POST operator set_operator", "GET info get_info",
            "GET last-receipt get_last_receipt_info", "POST void-open void_open_receipt",
            "POST reversal print_reversal_receipt",
        ].map { line in
            let words = line.split(separator: " ")
            let access = Access.scope(words[0] == "GET" ? .devicesRead : .devicesWrite)
            return "\(words[0]) /api/v1/devices/{deviceId}/\(words[1]) \(words[2]) \(access)"
        }
        #expect(Set(declared) == Set(expected))
        #expect(declared.count == expected.count)
        #expect(Set(LiveCase.all.map(\.command)) == Set(CommandDispatcherRoutes.live.map(\.command.type.rawValue)))
        #expect(CommandDispatcherRoutes.live.allSatisfy { $0.endpoint.route.buckets == [.global] })
    }

    @Test("order their command and answer exactly as the reference shows, whatever else the register says")
    func bodies() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            for live in LiveCase.all {
                var data = try #require(live.data.object)
                (data["deviceId"], data["timestamp"]) = ("dev_2", "1999-12-31T23:59:59.000Z")
                stack.gateway.behaviour = { [data] _ in .answer(.ok(data: .object(data))) }
                let answer = try await ask(stack, live.command, live.body)
                #expect(answer.status == live.status, "\(live.command)")
                let timestamp = try #require(answer.body["timestamp"]?.string)
                #expect(Timestamp(timestamp).map { Timestamp.now() - $0 < .seconds(60) } == true)
                let expected = #"{\#(live.answer),"deviceId":"dev_1","timestamp":"\#(timestamp)"}"#
                #expect(answer.body.text == expected)
                let route = CommandDispatcherRoutes.live.first { $0.command.type.rawValue == live.command }
                let schema = try #require(route?.endpoint.route.success.schema)
                #expect(schema.violations(of: answer.body, at: "answer") == [])
                let delivered = try #require(stack.gateway.delivered.last)
                #expect(delivered.type == live.command)
                if live.command != "set_datetime" { #expect(delivered.payload == live.body ?? [:]) }
            }
            let count = try await stack.count("dispatch.commands WHERE status = 'completed' AND awaited")
            #expect(count == LiveCase.all.count)
        }
    }

    @Test("look at the device's existence first, then at the body, then at whether the register can be reached")
    func refusals() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_unclaimed")
            for live in LiveCase.all {
                for body in [live.body] + live.wrong.map(\.body) {
                    for device in ["dev_none", "dev_foreign"] {
                        #expect(try await ask(stack, live.command, body, of: device).status == 404, "\(live.command)")
                    }
                }
                for (body, paths) in live.wrong {
                    let answer = try await ask(stack, live.command, body)
                    #expect(answer.status == 400)
                    #expect(answer.body["error"]?["code"] == "VALIDATION_ERROR")
                    let details = answer.body["error"]?["details"]?.array ?? []
                    #expect(details.compactMap { $0["path"]?.string } == paths, "\(live.command)")
                }
                for device in ["dev_1", "dev_unclaimed"] {
                    let answer = try await ask(stack, live.command, live.body, of: device)
                    #expect(answer.status == 503, "\(live.command)")
                    #expect(answer.body["error"]?["code"] == "SERVICE_UNAVAILABLE")
                }
            }
            #expect(try await stack.count("dispatch.commands") == 0)
            #expect(stack.gateway.delivered.isEmpty)
        }
    }

    @Test("do not wait when the socket closes before the command is on it, and leave nothing in the queue")
    func closedAtOnce() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in .refuse }
            let began = LoopInstant.current
            #expect(try await balance(stack).status == 503)
            #expect(LoopInstant.current - began < .seconds(10))
            #expect(try await stack.count("dispatch.commands WHERE status = 'cancelled'") == 1)
            stack.gateway.behaviour = { _ in .answer(.ok(data: ["cashBalance": 1])) }
            #expect(try await balance(stack).status == 200)
        }
    }

    @Test("do not wait for a gateway that has died with the device's socket")
    func deadGateway() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            #expect(try await balance(stack).status == 500)
            await stack.gateway.bus.stop(deadline: Loop.now)
            let noticed: Bool? = await eventually {
                stack.dispatchers[0].bus.instances(of: .gateway).isEmpty ? true : nil
            }
            #expect(noticed == true)
            #expect(try await balance(stack).status == 503)
            #expect(try await stack.count("dispatch.commands") == 1)
        }
    }

    @Test("say what the register refused")
    func refused() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in
                .answer(.error(CommandError(code: "E012", message: "Paper end", retryable: true)))
            }
            for live in LiveCase.all {
                let answer = try await ask(stack, live.command, live.body)
                #expect(answer.status == 502, "\(live.command)")
                #expect(answer.body["error"]?["code"] == "DEVICE_ERROR")
                #expect(
                    answer.body["error"]?["details"] == ["code": "E012", "message": "Paper end", "retryable": true])
            }
        }
    }

    @Test("do not pass off for an answer what lacks the promised data")
    func incomplete() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            for live in LiveCase.questions {
                for data in live.incomplete {
                    stack.gateway.behaviour = { _ in .answer(.ok(data: data)) }
                    let answer = try await ask(stack, live.command)
                    #expect(answer.status == 500, "\(live.command) \(data)")
                    #expect(answer.body["error"]?["code"] == "INTERNAL_ERROR")
                    let message = answer.body["error"]?["message"]?.string ?? ""
                    #expect(message.hasPrefix("The device did not return "))
                }
            }
        }
    }

    @Test("give up after their time and name the command, whose outcome is still found out")
    func timeout() async throws {
        try await DispatcherFixture.run(patience: .seconds(1)) { stack in
            stack.gateway.behaviour = { _ in .doItSilently(.ok(data: ["receiptNumber": "0000001"])) }
            for cases in [LiveCase.questions, LiveCase.orders] {
                let devices = (1...cases.count).map { DeviceID("dev_\($0)") }
                for device in devices { try await stack.gateway.connect(device) }
                let answers = try await allAtOnce(cases.count) { index in
                    try await ask(stack, cases[index].command, cases[index].body, of: devices[index].rawValue)
                }
                for (answer, live) in zip(answers, cases) {
                    #expect(answer.status == 504, "\(live.command): \(answer.body)")
                    #expect(answer.body["error"]?["code"] == "COMMAND_TIMEOUT")
                    let id = CommandID(try #require(answer.body["error"]?["details"]?["commandId"]?.string))
                    let command = try await stack.command(id)
                    #expect(command["status"] == "sent")
                    try await stack.gateway.connect(DeviceID(try #require(command["deviceId"]?.string)))
                    #expect(try await stack.command(id, when: "completed")?["outcome"] == "executed")
                    #expect(stack.gateway.prints[id] == 1)
                }
            }
        }
    }

    @Test("name a command that may be on paper when the database is away at the end of their time")
    func databaseAway() async throws {
        try await DispatcherFixture.run(patience: .seconds(1)) { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in .doItSilently(.ok(data: [:])) }
            let waiting = Task { @Loop in try await ask(stack, "print_duplicate", nil, of: "dev_1") }
            _ = await eventually { stack.gateway.delivered.isEmpty ? nil : true }
            _ = try await stack.owner.query("REVOKE SELECT ON dispatch.commands FROM ebon_dispatch")
            let answer = try await waiting.value
            #expect(answer.status == 504)
            let id = try #require(answer.body["error"]?["details"]?["commandId"]?.string)
            #expect(try await stack.count("dispatch.commands WHERE status = 'sent' AND command_id = '\(id)'") == 1)
        }
    }

    @Test("set the clock to the server's time unless another is given")
    func clock() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            for body in [nil, [:], ["timezone": "EET"]] as [JSON?] {
                let answer = try await ask(stack, "set_datetime", body)
                let set = try #require(answer.body["datetime"]?.string)
                #expect(Timestamp(set).map { Timestamp.now() - $0 < .seconds(60) } == true)
                #expect(stack.gateway.delivered.last?.payload["datetime"]?.string == set)
            }
            for (asked, set) in [
                ("2026-04-09T08:10:00.000Z", "2026-04-09T08:10:00.000Z"), ("2026-04-09", "2026-04-09T00:00:00.000Z"),
                ("2026-04-09T08:10:00.25-02:30", "2026-04-09T10:40:00.250Z"),
            ] {
                let answer = try await ask(stack, "set_datetime", ["datetime": .string(asked)])
                #expect(answer.body["datetime"]?.string == set)
                #expect(stack.gateway.delivered.last?.payload == ["datetime": .string(set)])
            }
        }
    }

    @Test("tell the number of a reversal if the register does, and put it in the journal either way")
    func reversal() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            for (data, number) in [
                ([:], nil), (["receiptNumber": nil], nil), (["receiptNumber": 123], "123"),
                (["receiptNumber": "0000124"], "0000124"),
            ] as [(JSON, String?)] {
                stack.gateway.behaviour = { _ in .answer(.ok(data: data)) }
                let answer = try await ask(stack, "print_reversal_receipt", LiveCase.reversal)
                #expect(answer.status == 201)
                #expect(answer.body["receiptNumber"] == number.map { .string($0) })
            }
            let receipts = try await stack.receipts(of: "dev_1")
            #expect(receipts.map { $0["type"] } == Array(repeating: "storno", count: 4))
        }
    }

    @Test("are answered on the replica that asked, wherever the register's answer arrives")
    func replicas() async throws {
        try await DispatcherFixture.run(replicas: 3) { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in
                .answer(.ok(data: ["cashBalance": .number(JSONNumber(lexeme: "1234.50")!)]))
            }
            for _ in 1...6 {
                let answer = try await balance(stack)
                #expect(answer.status == 200)
                #expect(answer.body["cashBalance"]?.text == "1234.50")
            }
            #expect(try await stack.count("dispatch.commands WHERE status = 'completed'") == 6)
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

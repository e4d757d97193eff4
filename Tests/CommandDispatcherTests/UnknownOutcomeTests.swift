import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import CommandDispatcher

@Suite("A command whose answer is missing", .serialized) @Loop struct UnknownOutcomeTests {
    private func printAndDie(
        _ stack: DispatcherFixture, printed: Bool = true, _ answer: DeviceAnswer = .ok(data: ["receiptNumber": "42"])
    ) async throws -> CommandID {
        try await stack.gateway.connect("dev_1")
        stack.gateway.behaviour = { _ in printed ? .doItSilently(answer) : .lose }
        let id = try await stack.order(of: "dev_1")
        _ = await eventually { stack.gateway.delivered.isEmpty ? nil : true }
        try await stack.gateway.disconnect("dev_1")
        #expect(try await stack.command(id)["outcome"] == "unknown")
        return id
    }

    @Test("is asked for when the device is back, and never sent again if it was printed")
    func askedFor() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await printAndDie(stack)
            try await stack.gateway.connect("dev_1")
            let command = try #require(try await stack.command(id, when: "completed"))
            #expect(command["outcome"] == "executed")
            #expect(command["resolvedAt"] != nil)
            #expect(command["attempts"] == 1)
            #expect(stack.gateway.delivered.count == 1)
            #expect(stack.gateway.prints == [id: 1])
            #expect(try await stack.receipts(of: "dev_1").count == 1)
            #expect(try await stack.events(of: id) == ["command.completed", "command.resolved"])
        }
    }

    @Test("is counted: as open, as ended with nobody's knowing how, and as resolved")
    func figures() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await printAndDie(stack)
            _ = try await stack.order(of: "dev_1")
            #expect(try await shows(stack, #"open_commands{state="sent"} 1"#))
            #expect(try await shows(stack, #"open_commands{state="pending"} 1"#))
            try await stack.age(id)
            try await stack.dispatchers[0].sweep.turn()
            #expect(try await shows(stack, #"open_commands{state="unknown"} 1"#))
            #expect(try await !shows(stack, #"oldest_command_seconds{state="unknown"} 0"#))
            #expect(try await shows(stack, #"commands_finished_total{status="timeout",outcome="unknown"} 1"#))
            #expect(try await shows(stack, #"commands_resolved_total{outcome="executed"} 0"#))
            try await stack.gateway.connect("dev_1")
            _ = await eventually { stack.gateway.queried.isEmpty ? nil : true }
            let isResolved = try await eventually {
                try await shows(stack, #"commands_resolved_total{outcome="executed"} 1"#) ? true : nil
            }
            #expect(isResolved == true)
            #expect(try await shows(stack, #"open_commands{state="unknown"} 0"#))
        }
    }

    private func shows(_ stack: DispatcherFixture, _ series: String) async throws -> Bool {
        try await stack.dispatchers[0].figures.measure()
        return stack.metrics.exposition().contains("ebon_dispatcher_\(series)\n")
    }

    @Test("since a backup in which it was waiting was restored, is asked for; nobody is told to order it again")
    func restored() async throws {
        try await DispatcherFixture.run { stack in
            let printed = try await printAndDie(stack)
            _ = try await stack.owner.query("UPDATE dispatch.lanes SET command_id = NULL")
            _ = try await stack.owner.query(
                """
                UPDATE dispatch.commands SET status = 'pending', outcome = NULL, attempts = 0, session = NULL,
                    sent_at = NULL, query_at = NULL
                """)
            let waiting = try await stack.order(of: "dev_1")
            _ = try await stack.owner.query("SELECT dispatch.adopt_restored()")
            try await stack.dispatchers[0].sweep.turn()
            for id in [printed, waiting] {
                let command = try await stack.command(id)
                #expect(command["status"] == "timeout" && command["outcome"] == "unknown")
                #expect(command["error"]?["retryable"] == false)
            }
            try await stack.gateway.connect("dev_1")
            let isSettled: Bool? = try await eventually {
                let outcomes = [
                    try await stack.command(printed)["outcome"], try await stack.command(waiting)["outcome"],
                ]
                return outcomes == ["executed", "not_executed"] ? true : nil
            }
            #expect(isSettled == true)
            #expect(stack.gateway.prints == [printed: 1])
            #expect(try await stack.receipts(of: "dev_1").count == 1)
            #expect(try await stack.events(of: printed) == ["command.timeout", "command.resolved"])
            #expect(try await stack.command(waiting)["error"]?["retryable"] == true)
        }
    }

    @Test("is sent again if it never arrived and its time is not over")
    func sentAgain() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await printAndDie(stack, printed: false)
            stack.gateway.behaviour = { _ in .answer(.ok(data: [:])) }
            try await stack.gateway.connect("dev_1")
            let command = try #require(try await stack.command(id, when: "completed"))
            #expect(command["attempts"] == 2)
            #expect(stack.gateway.ids(of: "dev_1") == [id, id])
            #expect(stack.gateway.prints == [id: 1])
        }
    }

    @Test("is asked for before the next command is delivered")
    func askedFirst() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await printAndDie(stack)
            let next = try await stack.order(of: "dev_1")
            stack.gateway.behaviour = { _ in
                #expect(stack.gateway.queried.flatMap(\.commandIds) == [id])
                return .answer(.ok(data: [:]))
            }
            try await stack.gateway.connect("dev_1")
            _ = try #require(try await stack.command(next, when: "completed"))
            #expect(stack.gateway.ids(of: "dev_1") == [id, next])
        }
    }

    @Test("times out, stays unknown, and is corrected by the device's late word")
    func correctedLate() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await printAndDie(stack)
            try await stack.age(id)
            try await stack.sweep()
            let lost = try await stack.command(id)
            #expect(lost["status"] == "timeout")
            #expect(lost["outcome"] == "unknown")
            #expect(lost["error"]?["code"] == "E500")
            try await stack.gateway.connect("dev_1")
            let found = await eventually {
                let command = try? await stack.command(id)
                return command?["outcome"] == "executed" ? command : Optional.none
            }
            #expect(found?["status"] == "timeout")
            #expect(found?["result"]?["receiptNumber"] == "42")
            #expect(found?["resolvedAt"] != nil)
            #expect(try await stack.events(of: id) == ["command.timeout", "command.resolved"])
            #expect(try await stack.receipts(of: "dev_1").count == 1)
            #expect(stack.gateway.prints == [id: 1])
        }
    }

    @Test("is not executed if it never arrived and its time is over")
    func neverArrived() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await printAndDie(stack, printed: false)
            try await stack.age(id)
            try await stack.sweep()
            try await stack.gateway.connect("dev_1")
            let settled = await eventually {
                let command = try? await stack.command(id)
                return command?["outcome"] == "not_executed" ? command : Optional.none
            }
            #expect(settled?["status"] == "timeout")
            #expect(settled?["error"]?["retryable"] == true)
            #expect(stack.gateway.delivered.count == 1)
        }
    }

    @Test("times out as not executed if it was never delivered, and never is")
    func neverDelivered() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await stack.order(of: "dev_1")
            try await stack.age(id)
            try await stack.gateway.connect("dev_1")
            try await stack.sweep()
            let command = try await stack.command(id)
            #expect(command["status"] == "timeout")
            #expect(command["outcome"] == "not_executed")
            #expect(command["error"]?["retryable"] == true)
            #expect(stack.gateway.delivered.isEmpty)
            #expect(try await stack.events(of: id) == ["command.timeout"])
        }
    }

    @Test("is asked for by the sweep while the device stays connected")
    func askedBySweep() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in .doItSilently(.ok(data: [:])) }
            let id = try await stack.order(of: "dev_1")
            _ = await eventually { stack.gateway.journal[id] }
            try await stack.sweep()
            #expect(stack.gateway.queried.isEmpty)
            try await stack.age(id, by: 11)
            try await stack.sweep()
            #expect(try await stack.command(id, when: "completed") != nil)
            #expect(stack.gateway.prints == [id: 1])
        }
    }

    @Test("takes an answer once, however often and wherever it is repeated")
    func repeated() async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            let id = try await printAndDie(stack)
            try await stack.gateway.connect("dev_1", announced: false)
            let reports = (1...20).map { _ in
                Task { @Loop in
                    try await stack.gateway.report(.ok(data: ["receiptNumber": "42"]), to: id, from: "dev_1")
                }
            }
            for report in reports { #expect(try await report.value == .committed) }
            #expect(try await stack.receipts(of: "dev_1").count == 1)
            #expect(try await stack.events(of: id) == ["command.completed", "command.resolved"])
        }
    }

    @Test("is not touched by another device's answer, which is refused and recorded")
    func anotherDevice() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await printAndDie(stack)
            try await stack.gateway.connect("dev_2")
            let answer = DeviceAnswer.ok(data: ["receiptNumber": "9"])
            #expect(try await stack.gateway.report(answer, to: id, from: "dev_2") == .refused)
            #expect(try await stack.gateway.report(answer, to: "cmd_made_up", from: "dev_2") == .refused)
            #expect(try await stack.command(id)["outcome"] == "unknown")
            #expect(try await stack.count("dispatch.refused_results WHERE device_id = 'dev_2'") == 2)
            let entries = (1...1_000).map {
                JournalEntry(commandId: CommandID("cmd_\($0)"), state: .executed, answer: answer)
            }
            let report = JournalReport(deviceId: "dev_2", orgId: "acme_corp", session: "s", entries: entries)
            let verdicts = try await stack.gateway.bus.call(report, requestId: "journal").verdicts
            #expect(verdicts == Array(repeating: .refused, count: 1_000))
            #expect(try await stack.count("dispatch.refused_results WHERE device_id = 'dev_2'") == 2)
        }
    }

    @Test("keeps every receipt, also of a register that repeats its fiscal ids or sends odd numbers")
    func oddAnswers() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            let huge = try #require(JSONNumber(lexeme: "1e400000"))
            let answer = DeviceAnswer.ok(data: [
                "receiptNumber": .number(huge), "fiscalId": .string(String(repeating: "ă", count: 5000)),
                "fiscalDate": "yesterday", "more": ["nested": .number(huge)],
            ])
            stack.gateway.behaviour = { _ in .answer(answer) }
            for _ in 1...2 {
                let id = try await stack.order(of: "dev_1")
                _ = try #require(try await stack.command(id, when: "completed"))
            }
            #expect(try await stack.receipts(of: "dev_1").count == 2)
        }
    }

    @Test("is settled together with many others of the same device")
    func manyAtOnce() async throws {
        try await DispatcherFixture.run { stack in
            _ = try await stack.owner.query(
                """
                INSERT INTO dispatch.commands (
                    command_id, org_id, device_id, type, exclusive, awaited, payload, request_id, status, outcome, session,
                    created_at, expires_at, sent_at, finished_at, query_at, updated_at)
                SELECT 'cmd_' || n, 'acme_corp', 'dev_1', 'print_receipt', false, false, $1::json, 'r', 'timeout', 'unknown',
                    'earlier', now(), now(), now(), now(), now(), now()
                FROM generate_series(1, 100) AS n
                """, [DispatcherFixture.receipt])
            for number in 1...60 {
                let id = CommandID("cmd_\(number)")
                stack.gateway.journal[id] = .ok(data: ["receiptNumber": "1", "fiscalId": "the same"])
            }
            try await stack.gateway.connect("dev_1")
            let settled = try await eventually {
                try await stack.count("dispatch.commands WHERE outcome <> 'unknown'") == 100 ? true : nil
            }
            #expect(settled == true)
            #expect(try await stack.count("dispatch.receipts") == 60)
            #expect(try await stack.count("bus.outbox WHERE type = 'command.resolved'") == 100)
        }
    }

    @Test("is completed though the data of the device cannot be stored, and does not hold up the answers of others")
    func unstorable() async throws {
        try await DispatcherFixture.run { stack in
            let answers: [DeviceID: JSON] = [
                "dev_1": ["receiptNumber": "1", "fiscalDate": "0000-01-01"],
                "dev_2": ["receiptNumber": "2", "fiscalDate": "9999-12-31T23:59:59.999Z", "qrCode": "\u{1}"],
                "dev_3": ["receiptNumber": 3, "fiscalSeries": .number(JSONNumber(lexeme: "1e999999")!)],
            ]
            stack.gateway.behaviour = { .answer(.ok(data: answers[$0.deviceId] ?? [:])) }
            for device in answers.keys {
                try await stack.gateway.connect(device)
                let id = try await stack.order(of: device)
                #expect(try await stack.command(id, when: "completed") != nil)
                #expect(try await stack.receipts(of: device).count == 1)
                #expect(await eventually { stack.gateway.verdicts[id] } == .committed)
            }
        }
    }

    @Test("stays failed when the device says later that it was done after all, and that is kept")
    func contradiction() async throws {
        try await DispatcherFixture.run { stack in
            stack.gateway.behaviour = { _ in
                .answer(.error(CommandError(code: "E301", message: "Paper end", retryable: true)))
            }
            try await stack.gateway.connect("dev_1")
            let id = try await stack.order(of: "dev_1")
            #expect(try await stack.command(id, when: "failed") != nil)
            let verdict = try await stack.gateway.report(.ok(data: ["receiptNumber": "9"]), to: id, from: "dev_1")
            #expect(verdict == .committed)
            #expect(try await stack.command(id)["status"] == "failed")
            let kept = try await stack.owner.query("SELECT command_id, reason, answer FROM dispatch.refused_results")
            #expect(try kept[0].string("reason") == "has failed before")
            #expect(try kept[0].json("answer")["data"] == ["receiptNumber": "9"])
        }
    }
}

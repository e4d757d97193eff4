import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import CommandDispatcher

@Suite("A fiscal act", .serialized) @Loop struct FiscalActTests {
    private let answer = DeviceAnswer.ok(data: ["receiptNumber": "1", "fiscalId": "F1"])

    /// Orders a receipt that is printed without anybody hearing of it.
    private func print(_ stack: DispatcherFixture) async throws -> CommandID {
        stack.gateway.behaviour = { [answer] _ in .doItSilently(answer) }
        try await stack.gateway.connect("dev_1")
        let id = try await stack.order(of: "dev_1")
        _ = try #require(await eventually { stack.gateway.prints[id] })
        return id
    }

    /// Two commands of one device that have been printed and not been heard of.
    private func unheard(_ stack: DispatcherFixture, _ count: Int) async throws {
        _ = try await stack.owner.query(
            """
            INSERT INTO dispatch.commands (
                command_id, org_id, device_id, type, exclusive, awaited, payload, request_id, status, outcome, session,
                created_at, expires_at, sent_at, finished_at, query_at, updated_at)
            SELECT 'cmd_' || n, 'acme_corp', 'dev_1', 'print_receipt', false, false, $1::json, 'r', 'timeout', 'unknown',
                'earlier', now(), now(), now(), now(), now(), now()
            FROM generate_series(1, $2::integer) AS n
            """, [DispatcherFixture.receipt, count])
    }

    @Test("that the app stores after its command's answer is the command's receipt")
    func storedAfterwards() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await print(stack)
            #expect(try await stack.gateway.report(answer, to: id, from: "dev_1") == .committed)
            let stored = try await stack.store(DispatcherFixture.printed("F1"))
            #expect(stored.status == 200)
            #expect(stored.body["receipt"]?["commandId"]?.string == id.rawValue)
            #expect(try await stack.receipts(of: "dev_1").count == 1)
        }
    }

    @Test("that the app has stored before its command's answer is one receipt, which learns of its command")
    func storedBefore() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await print(stack)
            let stored = try await stack.store(DispatcherFixture.printed("F1"), key: "k")
            #expect(stored.status == 201)
            #expect(try await stack.gateway.report(answer, to: id, from: "dev_1") == .committed)
            let receipts = try await stack.receipts(of: "dev_1")
            #expect(receipts.map { $0["id"] } == [stored.body["receipt"]?["id"]])
            #expect(receipts[0]["commandId"]?.string == id.rawValue)
            #expect(try await stack.owner.events(ReceiptCreated.self).count == 1)
            let replayed = try await stack.store(DispatcherFixture.printed("F1"), key: "k")
            #expect(replayed.body == stored.body && replayed.status == 201)
        }
    }

    @Test("is one, however the app's storing and the command's answer meet")
    func race() async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            try await unheard(stack, 20)
            try await stack.gateway.connect("dev_1", announced: false)
            _ = try await allAtOnce(40) { number in
                let act = number / 2 + 1
                if number % 2 == 0 {
                    _ = try await stack.store(DispatcherFixture.printed("F\(act)"))
                } else {
                    let answer = DeviceAnswer.ok(data: ["receiptNumber": .number(act), "fiscalId": "F\(act)"])
                    _ = try await stack.gateway.report(answer, to: CommandID("cmd_\(act)"), from: "dev_1")
                }
            }
            #expect(try await stack.count("dispatch.receipts WHERE command_id IS NOT NULL") == 20)
            #expect(try await stack.count("dispatch.receipts") == 20)
            #expect(try await stack.owner.events(ReceiptCreated.self).count == 20)
        }
    }

    @Test("whose id the register gives to another act does not hide that one")
    func repeatedIds() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await print(stack)
            #expect(try await stack.store(DispatcherFixture.printed("F1", type: "refund")).status == 201)
            #expect(try await stack.gateway.report(answer, to: id, from: "dev_1") == .committed)
            let receipts = try await stack.receipts(of: "dev_1")
            #expect(Set(receipts.map { $0["type"]?.string }) == ["sale", "refund"])
            #expect(receipts.count { $0["commandId"]?.string == id.rawValue } == 1)
            #expect(receipts.count { $0["fiscalId"] == "F1" } == 1)
            #expect(try await stack.owner.events(ReceiptCreated.self).count == 2)
        }
    }

    @Test("is never lost when another commit takes its id after this one has looked, and before it writes")
    func lookThenWrite() async throws {
        try await DispatcherFixture.run { stack in
            try await unheard(stack, 2)
            try await stack.gateway.connect("dev_1", announced: false)
            let verdict = try await stack.owner.transaction { other in
                _ = try await other.query(
                    """
                    INSERT INTO dispatch.receipts (
                        receipt_id, org_id, device_id, command_id, type, items, payments, total, vat_breakdown, fiscal_id,
                        created_at)
                    VALUES ('rcp_1', 'acme_corp', 'dev_1', 'cmd_1', 'sale', '[]', '[]', 20, '[]', 'F1', now())
                    """)
                let verdict = Task { @Loop in
                    try await stack.gateway.report(answer, to: "cmd_2", from: "dev_1")
                }
                let waits: Bool? = try await eventually {
                    let waiting = try await stack.count(
                        "pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'")
                    return waiting == 1 ? true : nil
                }
                #expect(waits == true)
                return verdict
            }
            #expect(try await verdict.value == .committed)
            let receipts = try await stack.receipts(of: "dev_1")
            #expect(Set(receipts.map { $0["commandId"]?.string }) == ["cmd_1", "cmd_2"])
            #expect(try await stack.owner.events(ReceiptCreated.self).count == 1)
        }
    }

    @Test("is never lost when commits of several replicas report one fiscal id at the same moment")
    func commitsThatMeet() async throws {
        try await DispatcherFixture.run(replicas: 4) { stack in
            try await unheard(stack, 60)
            try await stack.gateway.connect("dev_1", announced: false)
            let verdicts = try await allAtOnce(60) { number in
                try await stack.gateway.report(answer, to: CommandID("cmd_\(number + 1)"), from: "dev_1")
            }
            #expect(verdicts.allSatisfy { $0 == .committed })
            #expect(try await stack.count("dispatch.receipts") == 60)
            #expect(try await stack.count("dispatch.receipts WHERE fiscal_id = 'F1'") == 1)
            #expect(try await stack.owner.events(ReceiptCreated.self).count == 60)
        }
    }
}

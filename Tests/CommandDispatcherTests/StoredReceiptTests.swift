import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import CommandDispatcher

@Suite("Storing a receipt", .serialized) @Loop struct StoredReceiptTests {
    @Test("answers 201 with the whole object, at the device's location, and announces it")
    func created() async throws {
        try await DispatcherFixture.run { stack in
            var body = try #require(DispatcherFixture.printed("F1", at: "2026-04-09T11:10:00+03:00").object)
            body["operatorId"] = 3
            body["qrCode"] = "https://bon.example/F1"
            let answer = try await stack.store(.object(body))
            #expect(answer.status == 201)
            let receipt = try #require(answer.body["receipt"])
            #expect(Receipt.schema.violations(of: receipt, at: "receipt") == [])
            #expect(receipt["locationId"] == "loc_main" && receipt["commandId"] == .null)
            #expect(receipt["operatorId"] == "3" && receipt["fiscalId"] == "F1")
            #expect(receipt["fiscalDate"] == "2026-04-09T08:10:00.000Z")
            #expect(receipt["total"]?.text == "20.00")
            #expect(receipt["payments"]?.text == #"[{"method":"cash","amount":20.00}]"#)
            let id = try #require(receipt["id"]?.string)
            #expect(try await stack.request("receipts.get", path: ["receiptId": id]).body == answer.body)
            let events = try await stack.owner.events(ReceiptCreated.self)
            #expect(
                events == [ReceiptCreated(receiptId: ReceiptID(id), deviceId: "dev_1", total: Money(bani: 2_000))])
        }
    }

    @Test("keeps the lines as they were sent: order, spelling and what nobody asked for")
    func verbatim() async throws {
        try await DispatcherFixture.run { stack in
            let items = #"[{"vatRate":9.0,"price":1E1,"note":"č","quantity":2.000,"name":"Coffee"}]"#
            var body = try #require(DispatcherFixture.printed("F1").object)
            body["items"] = try JSON(parsing: items)
            #expect(try await stack.store(.object(body)).body["receipt"]?["items"]?.text == items)
            #expect(try await stack.receipts(of: "dev_1").first?["items"]?.text == items)
            try await stack.gateway.connect("dev_2")
            var payload = try #require(DispatcherFixture.receipt.object)
            payload["items"] = try JSON(parsing: items)
            let id = try await stack.order("print_receipt", .object(payload), of: "dev_2")
            _ = try #require(try await stack.command(id, when: "completed"))
            #expect(try await stack.receipts(of: "dev_2").first?["items"]?.text == items)
        }
    }

    @Test(
        "knows neither missing devices nor those of others, whatever the body", arguments: ["dev_none", "dev_foreign"])
    func unknownDevice(_ device: String) async throws {
        try await DispatcherFixture.run { stack in
            let receipt = DispatcherFixture.printed(of: DeviceID(device))
            for body in [receipt, ["deviceId": .string(device)]] as [JSON] {
                let answer = try await stack.store(body, key: "k")
                #expect(answer.status == 404)
                #expect(answer.body["error"]?["message"] == "Device not found")
            }
            #expect(try await stack.store(receipt, key: "not a key").status == 404)
            #expect(try await stack.store(["deviceId": "dev_1"], key: "k").status == 400)
            #expect(try await stack.count("dispatch.receipts") == 0)
            #expect(try await stack.count("dispatch.idempotency_keys") == 0)
        }
    }

    @Test("stores one receipt for many simultaneous requests with one fiscal id, and answers all with it")
    func oneFiscalId() async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            let answers = try await allAtOnce(50) { _ in try await stack.store(DispatcherFixture.printed("F1")) }
            #expect(answers.map(\.status).sorted() == Array(repeating: 200, count: 49) + [201])
            #expect(Set(answers.map(\.body)).count == 1)
            let other = try await stack.store(DispatcherFixture.printed("F1", type: "refund"))
            #expect(other.status == 200 && other.body == answers[0].body)
            #expect(try await stack.store(DispatcherFixture.printed("F1", of: "dev_2")).status == 201)
            #expect(try await stack.count("dispatch.receipts") == 2)
            #expect(try await stack.count("bus.outbox") == 2)
        }
    }

    @Test("stores one receipt for many simultaneous requests under one key", arguments: ["F1", nil])
    func oneKey(_ fiscalId: String?) async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            let answers = try await allAtOnce(50) { _ in
                try await stack.store(DispatcherFixture.printed(fiscalId), key: "sale-1")
            }
            #expect(answers.allSatisfy { $0.status == 201 })
            #expect(Set(answers.map(\.body)).count == 1)
            #expect(answers.count { $0.headers["idempotent-replayed"] == "true" } == 49)
            #expect(try await stack.count("dispatch.receipts") == 1)
            #expect(try await stack.count("bus.outbox") == 1)
        }
    }

    @Test("keeps a key for 24 hours, with the answer that was given, be it that of an earlier receipt")
    func keys() async throws {
        try await DispatcherFixture.run { stack in
            let receipt = DispatcherFixture.printed("F1")
            #expect(try await stack.store(receipt).status == 201)
            let first = try await stack.store(receipt, key: "k")
            #expect(first.status == 200 && first.headers["idempotent-replayed"] == nil)
            let again = try await stack.store(receipt, key: "k")
            #expect(again.status == 200 && again.headers["idempotent-replayed"] == "true")
            #expect(again.body == first.body)
            #expect(try await stack.store(DispatcherFixture.printed("F2"), key: "k").status == 422)
            #expect(try await stack.store(DispatcherFixture.printed("F2"), key: "not a key").status == 400)
            let command = try await stack.request(
                "commands.create", body: ["deviceId": "dev_1", "type": "open_drawer"], key: "k")
            #expect(command.status == 422)
            #expect(try await stack.store(DispatcherFixture.printed(of: "dev_none"), key: "k").status == 404)
            #expect(
                try await stack.store(DispatcherFixture.printed(of: "dev_foreign"), key: "k", orgId: "other").status
                    == 201)
            #expect(try await stack.count("dispatch.receipts") == 2)
            _ = try await stack.owner.query(
                "UPDATE dispatch.idempotency_keys SET created_at = created_at - interval '25 hours'")
            #expect(try await stack.store(DispatcherFixture.printed("F2"), key: "k").status == 201)
        }
    }

    @Test("names every wrong field, the key among them")
    func validation() async throws {
        try await DispatcherFixture.run { stack in
            var body = try #require(DispatcherFixture.printed("").object)
            body["total"] = "20"
            body["fiscalDate"] = "0000-01-01"
            let answer = try await stack.store(.object(body), key: "not a key")
            #expect(answer.status == 400)
            let paths = answer.body["error"]?["details"]?.array?.compactMap { $0["path"]?.string } ?? []
            #expect(paths == ["body.total", "body.fiscalId", "body.fiscalDate", "headers.idempotency-key"])
        }
    }
}

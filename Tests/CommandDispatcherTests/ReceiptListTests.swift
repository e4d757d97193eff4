import EventLoop
import JSON
import Models
import Postgres
import TestSupport
import Testing

@testable import CommandDispatcher
@testable import CommandDispatcherRoutes

@Suite("The lists of receipts", .serialized) @Loop struct ReceiptListTests {
    @Test("are sorted by fiscal date, else by the moment of storing, and paged without holes or doubles")
    func paging() async throws {
        try await DispatcherFixture.run { stack in
            var expected: [String] = []
            for day in ["2026-04-03", "2026-04-01", "2026-04-03", "2026-04-02"] {
                let stored = try await stack.store(DispatcherFixture.printed(at: day))
                expected.append("\(day) \(try #require(stored.body["receipt"]?["id"]?.string))")
            }
            let undated = try #require(
                try await stack.store(DispatcherFixture.printed()).body["receipt"]?["id"]?.string)
            let ids = [undated] + expected.sorted(by: >).map { String($0.dropFirst(11)) }
            #expect(try await stack.pages("receipts.list", [:]) == ids)
            #expect(try await stack.pages("receipts.list", ["limit": "2"]) == ids)
            #expect(try await stack.pages("receipts.list", ["limit": "1", "deviceId": "dev_1"]) == ids)
            #expect(try await stack.receipts(of: "dev_1").compactMap { $0["id"]?.string } == ids)
            // A receipt that turns up behind or before the cursor shifts nothing.
            let first = try await stack.page("receipts.list", ["limit": "2"])
            for day in ["2026-04-04", "2026-04-01"] { _ = try await stack.store(DispatcherFixture.printed(at: day)) }
            let rest = try await stack.pages("receipts.list", ["cursor": try #require(first.next)])
            #expect(Set(rest).isSuperset(of: ids.dropFirst(2)) && rest.count == 4)
        }
    }

    @Test("are filtered by device, type and period, whose ends belong to it")
    func filters() async throws {
        try await DispatcherFixture.run { stack in
            var ids: [String: String] = [:]
            for (name, device, type, date) in [
                ("a", "dev_1", "sale", "2026-04-01T10:00:00Z"), ("b", "dev_1", "storno", "2026-04-02"),
                ("c", "dev_2", "refund", "2026-04-02T23:59:59.999Z"), ("d", "dev_2", "sale", "2026-04-03T00:00:00Z"),
            ] {
                let receipt = DispatcherFixture.printed(of: DeviceID(device), type: type, at: date)
                ids[try #require(try await stack.store(receipt).body["receipt"]?["id"]?.string)] = name
            }
            func list(_ query: [String: String]) async throws -> String {
                try await stack.page("receipts.list", query).ids.compactMap { ids[$0] }.joined()
            }
            #expect(try await list([:]) == "dcba")
            #expect(try await list(["deviceId": "dev_1"]) == "ba")
            #expect(try await list(["deviceId": "dev_none"]) == "")
            #expect(try await list(["deviceId": "dev_foreign"]) == "")
            for (type, found) in [("sale", "da"), ("refund", "c"), ("storno", "b")] {
                #expect(try await list(["type": type]) == found)
            }
            #expect(try await list(["type": "storno", "deviceId": "dev_2"]) == "")
            #expect(try await list(["type": "sale", "deviceId": "dev_2"]) == "d")
            #expect(try await list(["from": "2026-04-02"]) == "dcb")
            #expect(try await list(["to": "2026-04-02"]) == "cba")
            #expect(try await list(["to": "2026-04-02T00:00:00Z"]) == "ba")
            #expect(try await list(["from": "2026-04-02", "to": "2026-04-02"]) == "cb")
            #expect(try await list(["from": "2026-04-01T13:00:00+03:00", "to": "2026-04-01T10:00:00Z"]) == "a")
            #expect(try await list(["to": "9999-12-31", "from": "0001-01-01"]) == "dcba")
            #expect(try await stack.page("receipts.list", orgId: "other").ids == [])
            let id = try #require(ids.keys.first)
            #expect(try await stack.request("receipts.get", path: ["receiptId": id], orgId: "other").status == 404)
        }
    }

    @Test(
        "refuse a query that makes no sense",
        arguments: [
            (["limit": "0", "type": "gift", "cursor": "made up"], ["query.type", "query.limit", "query.cursor"]),
            (["from": "yesterday", "to": "2026-13-01"], ["query.from", "query.to"]),
            (["from": "2026-04-03", "to": "2026-04-02"], ["query.from"]),
        ])
    func invalid(query: [String: String], paths: [String]) async throws {
        try await DispatcherFixture.run { stack in
            let answer = try await stack.request("receipts.list", query: query)
            #expect(answer.status == 400)
            #expect(answer.body["error"]?["details"]?.array?.compactMap { $0["path"]?.string } == paths)
        }
    }

    @Test("take the cursor of another list as a place in time, and no other text")
    func foreignCursors() async throws {
        try await DispatcherFixture.run { stack in
            for _ in 1...2 { _ = try await stack.order(of: "dev_1") }
            let commands = try await stack.page("commands.list", ["limit": "1"], of: "commands")
            _ = try await stack.store(DispatcherFixture.printed(at: "2026-04-01"))
            #expect(try await stack.page("receipts.list", ["cursor": try #require(commands.next)]).ids.count == 1)
            for end in ["0001-01-01", "9999-12-31T23:59:59.999Z"] as [Timestamp] {
                let cursor = ListCursor(moment: end, id: "")
                let answer = try await stack.request("receipts.list", query: ["cursor": cursor.text])
                #expect(answer.status == 200)
            }
        }
    }

    @Test(
        "are read from an index of their own, also by a plan that was made when there was nothing yet",
        arguments: [
            (false, nil, "receipts_of_organization"), (true, nil, "receipts_of_device"),
            (false, .sale, "receipts_of_organization"), (true, .sale, "receipts_of_device"),
            (false, .refund, "returns_of_organization"), (true, .storno, "returns_of_device"),
        ] as [(Bool, ReceiptType?, String)])
    func plans(ofDevice: Bool, type: ReceiptType?, index: String) async throws {
        try await DispatcherFixture.run { stack in
            let statement = ReceiptStatements.list(ofDevice: ofDevice, type: type).text
            let plan = try await stack.dispatchers[0].pool.transaction { transaction in
                _ = try await transaction.query("SET LOCAL plan_cache_mode = force_generic_plan")
                _ = try await transaction.query(
                    Statement("PREPARE list (text, text, timestamptz, timestamptz, text, bigint) AS \(statement)"))
                return try await transaction.query(
                    "EXPLAIN EXECUTE list ('acme_corp', NULL, NULL, NULL, NULL, 51)"
                ).map { try $0.string("QUERY PLAN") }
            }
            #expect(plan.contains { $0.contains("Index Scan using \(index) ") })
            #expect(!plan.contains { $0.contains("Sort") })
        }
    }

    @Test("show the receipts of a device that was deleted, where the list of the device is gone with it")
    func deletedDevice() async throws {
        try await DispatcherFixture.run { stack in
            _ = try await stack.store(DispatcherFixture.printed())
            _ = try await stack.owner.query("DELETE FROM org.devices WHERE device_id = 'dev_1'")
            #expect(try await stack.page("receipts.list", ["deviceId": "dev_1"]).ids.count == 1)
            #expect(try await stack.request("devices.receipts", path: ["deviceId": "dev_1"]).status == 404)
        }
    }

    @Test("of receipts that are too long for one answer have shorter pages")
    func longReceipts() async throws {
        try await DispatcherFixture.run { stack in
            var body = try #require(DispatcherFixture.printed().object)
            var item = try #require(body["items"]?[0]?.object)
            item["note"] = .string(String(repeating: "x", count: 250_000))
            body["items"] = [.object(item)]
            for _ in 1...10 { #expect(try await stack.store(.object(body)).status == 201) }
            #expect(Set(try await stack.pages("receipts.list", [:])).count == 10)
            #expect(try await stack.page("receipts.list").ids.count < 10)
            #expect((1..<10).contains(try await stack.receipts(of: "dev_1").count))
        }
    }
}

@Suite("A list's cursor") struct ListCursorTests {
    @Test("says where the list goes on, and is no other text")
    func text() {
        let cursor = ListCursor(moment: "2026-04-09T08:10:00.007Z", id: "rcp_a-1")
        #expect(ListCursor(cursor.text) == cursor)
        let hostile = ["", "made up", "MQ", "LTk5OTk5OTk5OTk5OTk5OTkgYQ", "MCAA", "MCDIgg", "MSA", "MQ=="]
        #expect(hostile.filter { ListCursor($0) != nil } == ["MSA"])
    }
}

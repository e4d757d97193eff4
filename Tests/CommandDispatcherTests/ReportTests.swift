import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import CommandDispatcher

@Suite("The lists of reports", .serialized) @Loop struct ReportTests {
    private func print(_ type: CommandType, _ data: JSON, of device: DeviceID, _ stack: DispatcherFixture) async throws
    {
        stack.gateway.behaviour = { _ in .answer(.ok(data: data)) }
        let id = try await stack.order(type, of: device)
        _ = try #require(try await stack.command(id, when: "completed"))
    }

    @Test("show what the registers printed, newest first, each kind by itself, in lei and bani")
    func lists() async throws {
        try await DispatcherFixture.run { stack in
            let figures: JSON = [
                "totals": ["sales": 20, "refunds": 0, "net": .number(JSONNumber(lexeme: "2E1")!)],
                "vatBreakdown": [
                    [
                        "rate": 9, "base": .number(JSONNumber(lexeme: "18.35")!),
                        "amount": .number(JSONNumber(lexeme: "1.650")!),
                    ]
                ],
                "receiptCount": 1,
            ]
            var closed = try #require(figures.object)
            for device in ["dev_1", "dev_2"] as [DeviceID] { try await stack.gateway.connect(device) }
            try await print("x_report", figures, of: "dev_1", stack)
            for (number, device) in ["dev_1", "dev_1", "dev_2"].enumerated() {
                closed["zNumber"] = .number(number + 1)
                closed["deviceId"] = "dev_9"
                try await print("z_report", .object(closed), of: DeviceID(device), stack)
            }
            func numbers(_ query: [String: String] = [:], orgId: OrgID = "acme_corp") async throws -> [Int64?] {
                let answer = try await stack.request("reports.z", query: query, orgId: orgId)
                return answer.body["reports"]?.array?.map { $0["zNumber"]?.integer } ?? []
            }
            #expect(try await numbers() == [3, 2, 1])
            #expect(try await numbers(["limit": "1"]) == [3])
            #expect(try await numbers(["deviceId": "dev_1"]) == [2, 1])
            #expect(try await numbers(["deviceId": "dev_none"]) == [])
            #expect(try await numbers(["from": "2000-01-01", "to": "2000-12-31"]) == [])
            #expect(try await numbers(["from": "2000-01-01"]).count == 3)
            #expect(try await numbers(orgId: "other") == [])
            let x = try await stack.request("reports.x").body["reports"]?.array ?? []
            #expect(x.count == 1)
            #expect(Report.schema.violations(of: x[0], at: "report") == [])
            #expect(x[0]["type"] == "x" && x[0]["deviceId"] == "dev_1" && x[0]["zNumber"] == nil)
            #expect(x[0]["totals"]?.text == #"{"sales":20.00,"refunds":0.00,"net":20.00}"#)
            #expect(x[0]["vatBreakdown"]?.text == #"[{"rate":9,"base":18.35,"amount":1.65}]"#)
        }
    }

    @Test(
        "show null for what a register did not say, or said in words of its own",
        arguments: [
            [:], ["totals": "12.00", "vatBreakdown": ["rate": 9], "receiptCount": "7", "zNumber": -1],
            ["totals": ["sales": 12], "vatBreakdown": [nil], "receiptCount": 1.5, "zNumber": "112"],
        ] as [JSON])
    func unsaid(data: JSON) async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            for (type, route) in [("x_report", "reports.x"), ("z_report", "reports.z")] as [(CommandType, String)] {
                try await print(type, data, of: "dev_1", stack)
                let report = try #require(try await stack.request(route).body["reports"]?[0])
                #expect(Report.schema.violations(of: report, at: "report") == [])
                for name in ["totals", "vatBreakdown", "receiptCount"] { #expect(report[name] == .null, "\(name)") }
            }
            #expect(try await stack.request("reports.z").body["reports"]?[0]?["zNumber"] == .null)
        }
    }

    @Test("refuse a period that ends before it begins")
    func period() async throws {
        try await DispatcherFixture.run { stack in
            let answer = try await stack.request("reports.x", query: ["from": "2026-04-02", "to": "2026-04-01"])
            #expect(answer.status == 400)
            #expect(answer.body["error"]?["details"]?[0]?["path"] == "query.from")
        }
    }
}

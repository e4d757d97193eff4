import EventLoop
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("The journal", .serialized) @Loop struct Journal {
        @Test("is read page by page, without holes or doubles, while registers and apps write it") func pages()
            async throws
        {
            let system = try await EverydayStack.shared()
            let device = system[.journal]
            let path = "/api/v1/receipts?deviceId=\(device)"
            let sold = try await allAtOnce(60) { _ in
                try await system.cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt)
            }
            let stored = try await allAtOnce(60) { number in
                try await system.cloud.post("/api/v1/receipts", Self.printed(of: device, number))
            }
            #expect(stored.allSatisfy { $0.status == 201 })
            for order in sold { #expect(try await system.ended(order)?.json["status"]?.string == "completed") }
            let known = try await Self.pages(path + "&limit=100", system.cloud)
            #expect(known.count == 120 && Set(known).count == 120)

            let writing = Task { @Loop in
                try await allAtOnce(30) { number in
                    number % 2 == 0
                        ? try await system.cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt)
                        : try await system.cloud.post("/api/v1/receipts", Self.printed(of: device, 60 + number))
                }
            }
            let read = try await Self.pages(path + "&limit=7", system.cloud)
            #expect(Set(read).count == read.count)
            #expect(Set(read).isSuperset(of: known))
            for answer in try await writing.value { #expect(answer.status == 201) }

            let newest = try await system.cloud.get("/api/v1/devices/\(device)/receipts?limit=5&type=sale")
            let moments = (newest.json["receipts"]?.array ?? []).compactMap { $0["fiscalDate"]?.string }
            #expect(moments.count == 5 && moments == moments.sorted(by: >))
            try await Invariants.check(system.stack)
        }

        @Test("has one receipt of what a command printed and the app stores too") func linked() async throws {
            let system = try await EverydayStack.shared()
            let device = system[.journal]
            let order = try await system.cloud.post("/api/v1/devices/\(device)/commands", Sale.printReceipt)
            let command = try #require(try await system.ended(order)).json
            var receipt = try #require(Self.printed(of: device, 0).object)
            receipt["fiscalId"] = command["result"]?["fiscalId"]
            let answer = try await system.cloud.post(
                "/api/v1/receipts", .object(receipt), headers: ["Idempotency-Key": "linked"])
            #expect(answer.status == 200)
            #expect(answer.json["receipt"]?["commandId"] == command["id"])
            let id = answer.json["receipt"]?["id"]?.string ?? ""
            #expect(try await system.cloud.get("/api/v1/receipts/\(id)").json == answer.json)
            let again = try await system.cloud.post(
                "/api/v1/receipts", .object(receipt), headers: ["Idempotency-Key": "linked"])
            #expect(again.status == 200 && again.json == answer.json)
            #expect(again.headers["Idempotent-Replayed"] == "true")
        }

        @Test("lists the reports of the day") func reports() async throws {
            let system = try await EverydayStack.shared()
            let device = system[.journal]
            for type in ["x", "z"] {
                let order = try await system.cloud.post(
                    "/api/v1/commands", ["deviceId": .string(device), "type": .string("\(type)_report")])
                let command = try #require(try await system.ended(order)).json
                let list = try await system.cloud.get("/api/v1/reports/\(type)?deviceId=\(device)&limit=1")
                let report = try #require(list.json["reports"]?[0])
                #expect(report["id"] == command["id"])
                #expect(report["totals"] == command["result"]?["totals"])
                #expect(report["zNumber"] == command["result"]?["zNumber"])
            }
        }

        /// A receipt of the app's own, minutes old.
        private static func printed(of device: String, _ number: Int) -> JSON {
            [
                "deviceId": .string(device), "type": "sale", "items": Sale.payload["items"] ?? [],
                "payments": [["method": "cash", "amount": 18]], "total": 18,
                "vatBreakdown": [
                    [
                        "rate": 11, "base": .number(JSONNumber(lexeme: "16.22")!),
                        "vat": .number(JSONNumber(lexeme: "1.78")!),
                    ]
                ], "fiscalId": "local-\(number)",
                "fiscalDate": "2026-04-09T08:\(10 + number / 6):0\(number % 6)Z",
            ]
        }

        /// The ids of a list, page by page.
        private static func pages(_ path: String, _ cloud: Cloud) async throws -> [String] {
            var ids: [String] = []
            var cursor = ""
            repeat {
                let page = try await cloud.get(path + cursor).json
                ids += page["receipts"]?.array?.compactMap { $0["id"]?.string } ?? []
                cursor = page["nextCursor"]?.string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty
            return ids
        }
    }
}

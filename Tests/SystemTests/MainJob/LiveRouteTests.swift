import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("Every live route", .serialized) @Loop struct LiveRoutes {
        private let system: EverydayStack
        private let device: String

        init() async throws {
            system = try await EverydayStack.shared()
            device = system[.programming]
        }

        private func ask(_ route: String) async throws -> JSON {
            let answer = try await system.cloud.get("/api/v1/devices/\(device)/\(route)")
            #expect(answer.status == 200, "\(route): \(answer.json)")
            #expect(answer.json["deviceId"]?.string == device)
            #expect(answer.json["timestamp"]?.string?.hasSuffix("Z") == true)
            return answer.json
        }

        @discardableResult
        private func order(
            _ route: String, _ body: JSON? = nil, by method: HTTPMethod = .post, says message: String? = nil,
            status: Int = 200
        ) async throws -> Cloud.Answer {
            let answer = try await system.cloud.send(
                method, "/api/v1/devices/\(device)/\(route)", body: body?.serialized())
            #expect(answer.status == status, "\(route): \(answer.json)")
            guard let message else { return answer }
            let timestamp = answer.json["timestamp"]?.string ?? ""
            let expected = #""deviceId":"\#(device)","timestamp":"\#(timestamp)"}"#
            #expect(answer.json.text == #"{"success":true,"message":"\#(message)",\#(expected)"#)
            return answer
        }

        @Test("programs the register, and reads back what was programmed") func programming() async throws {
            let rates: JSON = [["name": "Standard", "percentage": 21], ["name": "Redusă alimente", "percentage": 9]]
            try await order("vat-rates", ["rates": rates], says: "VAT rates programmed successfully")
            #expect(try await ask("vat-rates")["rates"] == rates)
            #expect(try await ask("vat-capabilities")["maxRates"]?.integer == 5)
            let (header, footer) = (["ACME SRL", "Strada Exemplu 1, București"] as JSON, ["www.acme.ro"] as JSON)
            try await order(
                "header-footer", ["header": header, "footer": footer],
                says: "Header and footer programmed successfully")
            let programmed = try await ask("header-footer")
            #expect(programmed["header"] == header)
            #expect(programmed["footer"] == footer)
            #expect(try await ask("header-footer-capabilities")["maxHeaderLines"]?.integer == 10)
            try await order(
                "operator", ["operatorId": 2, "name": "Ana", "password": "1234"],
                says: "Operator programmed successfully")
            #expect(try await ask("operator-capabilities")["maxOperators"]?.integer == 30)
            let tooMany = try await order("operator", ["operatorId": 31, "name": "Ion"], status: 502)
            #expect(tooMany.code == "DEVICE_ERROR")
            #expect(tooMany.json["error"]?["details"]?["code"]?.string == "E104")
            #expect(try await ask("info")["fiscalSeries"]?.string?.count == 10)
        }

        @Test("takes a logo as long as one frame can carry, and no longer") func logo() async throws {
            func logo(_ kibibytes: Int) -> JSON { ["logo": .string(String(repeating: "QUJD", count: kibibytes * 256))] }
            try await order("logo", logo(254), says: "Logo uploaded successfully")
            #expect(try await order("logo", logo(256), status: 413).code == "PAYLOAD_TOO_LARGE")
            try await order("logo", by: .delete, says: "Logo removed successfully")
        }

        @Test("prints, reverses and duplicates, and the reversal is in the journal") func printing() async throws {
            #expect(try await ask("last-receipt")["receiptNumber"] == .null)
            let nothing = try await order("print-duplicate", status: 502)
            #expect(nothing.json["error"]?["details"]?["code"]?.string == "E117")
            try await order("set-datetime", ["datetime": "2030-05-01T10:00:00+03:00"])
            var reversal = try #require(Sale.payload.object)
            reversal["reason"] = "refund"
            reversal["originalReceipt"] = ["number": "0000001", "date": "2026-04-09"]
            let reversed = try await order("reversal", .object(reversal), status: 201)
            #expect(reversed.json["message"]?.string == "Reversal receipt printed successfully")
            #expect(reversed.json["receiptNumber"]?.string == "0000001")
            let last = try await ask("last-receipt")
            #expect(last["receiptNumber"]?.string == "0000001")
            #expect(last["fiscalDate"]?.string?.hasPrefix("2030-05-01T07:0") == true)
            let journal = try await system.cloud.get("/api/v1/devices/\(device)/receipts?type=storno")
            #expect(journal.json["receipts"]?.array?.map { $0["fiscalId"] } == [last["fiscalId"]])
            try await order("print-duplicate", says: "Duplicate printed successfully")
            try await order("void-open", says: "Open receipt voided successfully")
            try await order(
                "non-fiscal", ["header": "MULȚUMIM", "lines": ["Cod cupon: ABC-123", "Valabil până la 30.06.2026"]],
                says: "Non-fiscal receipt printed successfully")
            let clock = try await order("set-datetime").json
            #expect(clock["success"]?.bool == true)
            #expect(clock["datetime"]?.string?.prefix(4) == clock["timestamp"]?.string?.prefix(4))
            try await Invariants.check(system.stack)
        }

        @Test("names what is wrong, and sends nothing of it to the register") func wrong() async throws {
            let before = try await system.floor.device(device).journal.count
            let lines = try await order("non-fiscal", ["lines": [], "header": 1], status: 400)
            #expect(lines.paths == ["body.lines", "body.header"])
            #expect(try await order("reversal", [:], status: 400).paths.count == 3)
            #expect(try await order("header-footer", status: 400).paths == ["body.header", "body.footer"])
            let elsewhere = try await system.cloud.post("/api/v1/devices/dev_nowhere/operator", [:])
            #expect(elsewhere.status == 404)
            #expect(try await system.floor.device(device).journal.count == before)
        }
    }
}

import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A request that cannot be served", .serialized) @Loop struct BadRequests {
        struct Case: Sendable, CustomTestStringConvertible {
            let method: HTTPMethod
            let path: String
            let body: String
            let status: Int
            let code: String
            var paths: [String] = []
            var headers: HTTPHeaders = [:]
            var testDescription: String { "\(method.rawValue) \(path) \(body.prefix(60)) -> \(status)" }
        }

        nonisolated static let commands = "/api/v1/devices/dev_pos_01/commands"

        nonisolated static let cases: [Case] = [
            Case(method: .post, path: commands, body: "{", status: 400, code: "BAD_REQUEST"),
            Case(method: .post, path: commands, body: "", status: 400, code: "VALIDATION_ERROR", paths: ["body.type"]),
            Case(
                method: .post, path: commands, body: #"{"type":"x_report","type":"z_report"}"#, status: 400,
                code: "BAD_REQUEST"),
            Case(method: .post, path: commands, body: "\u{feff}{}", status: 400, code: "BAD_REQUEST"),
            Case(
                method: .post, path: commands, body: String(repeating: "[", count: 5000), status: 400,
                code: "BAD_REQUEST"),
            Case(method: .post, path: commands, body: "[]", status: 400, code: "VALIDATION_ERROR", paths: ["body"]),
            Case(
                method: .post, path: commands, body: "{}", status: 400, code: "VALIDATION_ERROR", paths: ["body.type"]),
            Case(
                method: .post, path: commands, body: #"{"type":"make_coffee"}"#, status: 400, code: "VALIDATION_ERROR",
                paths: ["body.type"]),
            Case(
                method: .post, path: commands, body: #"{"type":"print_receipt"}"#, status: 400,
                code: "VALIDATION_ERROR",
                paths: ["body.payload"]),
            Case(
                method: .post, path: commands,
                body: #"""
                    {"type":"print_receipt","payload":{
                    "items":[{"name":"","quantity":0,"price":-1,"vatRate":19,"department":10}],
                    "payments":[{"type":"gold","amount":0}]}}
                    """#,
                status: 400, code: "VALIDATION_ERROR",
                paths: [
                    "body.payload.items[0].name", "body.payload.items[0].quantity", "body.payload.items[0].price",
                    "body.payload.items[0].vatRate", "body.payload.items[0].department",
                    "body.payload.payments[0].type",
                    "body.payload.payments[0].amount",
                ]),
            Case(
                method: .post, path: commands, body: Sale.printReceipt.text, status: 415,
                code: "UNSUPPORTED_MEDIA_TYPE",
                headers: ["Content-Type": "text/plain"]),
            Case(
                method: .post, path: commands, body: String(repeating: " ", count: 2 << 20), status: 413,
                code: "PAYLOAD_TOO_LARGE"),
            Case(
                method: .post, path: "/api/v1/commands", body: #"{"type":"x_report"}"#, status: 400,
                code: "VALIDATION_ERROR", paths: ["body.deviceId"]),
            Case(
                method: .post, path: "/api/v1/commands", body: #"{"type":"x_report","deviceId":"dev_nowhere"}"#,
                status: 404, code: "NOT_FOUND"),
            Case(
                method: .post, path: "/api/v1/devices", body: #"{"name":"","transport":"tcp","connectionParams":{}}"#,
                status: 400, code: "VALIDATION_ERROR",
                paths: ["body.name", "body.protocol", "body.locationId", "body.connectionParams"]),
            Case(
                method: .get, path: "/api/v1/commands?limit=0&status=lost", body: "", status: 400,
                code: "VALIDATION_ERROR", paths: ["query.status", "query.limit"]),
            Case(method: .get, path: "/api/v1/nothing", body: "", status: 404, code: "NOT_FOUND"),
            Case(method: .get, path: "/api/v1/devices/", body: "", status: 404, code: "NOT_FOUND"),
            Case(method: .get, path: "/api/v1/devices/dev_nowhere", body: "", status: 404, code: "NOT_FOUND"),
            Case(method: .get, path: "/api/v1/devices/%00", body: "", status: 404, code: "NOT_FOUND"),
            Case(method: .get, path: "/api/v1/devices/%ff", body: "", status: 404, code: "NOT_FOUND"),
            Case(method: .get, path: "/api/v1/devices?locationId=%00", body: "", status: 400, code: "BAD_REQUEST"),
            Case(method: .delete, path: commands, body: "", status: 405, code: "METHOD_NOT_ALLOWED"),
            Case(
                method: .get, path: "/api/v1/devices", body: "", status: 401, code: "UNAUTHORIZED",
                headers: ["x-api-key": "ebon_live_acme_corp_00000000000000000000000000000000"]),
            Case(
                method: .get, path: "/api/v1/devices", body: "", status: 401, code: "UNAUTHORIZED",
                headers: ["x-api-key": "a key"]),
            Case(
                method: .post, path: "/api/v1/billing/webhook", body: #"{"id":"evt_1"}"#, status: 400,
                code: "BAD_REQUEST",
                headers: ["Stripe-Signature": "t=1,v1=00"]),
        ]

        @Test("is told why, and changes nothing", arguments: cases) func refused(_ bad: Case) async throws {
            let system = try await EverydayStack.shared()
            try await system.unharmed {
                let answer = try await system.cloud.send(
                    bad.method, bad.path, headers: bad.headers, body: bad.method == .post ? Array(bad.body.utf8) : nil)
                #expect(answer.status == bad.status, "\(answer.json)")
                #expect(answer.code == bad.code, "\(answer.json)")
                #expect(Set(answer.paths) == Set(bad.paths), "\(answer.json)")
                #expect(answer.headers["X-Request-Id"]?.isEmpty == false)
            }
        }

        @Test("hears which methods there are") func allow() async throws {
            let system = try await EverydayStack.shared()
            let answer = try await system.cloud.send(.delete, "/api/v1/devices")
            #expect(answer.status == 405)
            let methods = answer.headers["Allow"]?.split(separator: ", ").map(String.init) ?? []
            #expect(Set(methods).isSuperset(of: ["GET", "POST"]))
        }

        @Test("is told the sum that does not match") func sum() async throws {
            let system = try await EverydayStack.shared()
            let body: JSON = [
                "type": "print_receipt",
                "payload": [
                    "items": [["name": "Cafea", "quantity": 10, "price": 10, "vatRate": 21]],
                    "payments": [["type": "card", "amount": 99]],
                ],
            ]
            try await system.unharmed {
                let answer = try await system.cloud.post(Self.commands, body)
                #expect(answer.status == 400)
                let messages = answer.json["error"]?["details"]?.array?.compactMap { $0["message"]?.string } ?? []
                #expect(messages == ["Payment total (99.00) does not match items total (100.00)"])
            }
        }
    }
}

import EventLoop
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A request that is looked for at night", .serialized) @Loop struct LookedFor {
        @Test("has left its id at the edge, at the dispatcher and at the mailer, and that of its trace")
        func requestId() async throws {
            let system = try await EverydayStack.shared()
            let id = "the-register-in-aisle-3"
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            let order = try await system.cloud.post(
                "/api/v1/devices/\(system[.reports])/commands", ["type": "z_report"],
                headers: ["X-Request-Id": "\(id)", "traceparent": "00-\(trace)-00f067aa0ba902b7-01"])
            #expect(order.status == 201 && order.headers["X-Request-Id"] == id)
            _ = try #require(try await system.ended(order))
            let traces = [("edge-router", "request"), ("command-dispatcher", "command finished")]
            for (service, message) in traces {
                let line = try #require(await line(message, of: id, in: service, system.stack), "\(service)")
                #expect(line["requestId"]?.string == id)
            }
            let edge = try #require(await line("request", of: id, in: "edge-router", system.stack))
            #expect(edge["traceId"]?.string == trace)
            #expect(edge["fields"]?["route"] == "devices.commands.create" && edge["fields"]?["status"] == 201)
            #expect(edge["fields"]?["orgId"]?.string == system.stack.variables.organization)
            let mail = await line("a mail was sent", of: id, in: "notification-mailer", system.stack)
            #expect(mail != nil)
        }

        @Test("that only reads leaves no line, nor does a stranger's") func silence() async throws {
            let system = try await EverydayStack.shared()
            _ = try await system.cloud.get("/api/v1/devices", headers: ["X-Request-Id": "reader-of-devices"])
            let stranger = try Cloud(system.stack, apiKey: "ebon_live_acme_corp_" + String(repeating: "0", count: 32))
            let answer = try await stranger.post(
                "/api/v1/commands", Sale.printReceipt, headers: ["X-Request-Id": "stranger-at-the-door"])
            #expect(answer.status == 401)
            _ = try await system.cloud.post("/api/v1/commands", [:], headers: ["X-Request-Id": "then-a-mistake"])
            #expect(await line("request", of: "then-a-mistake", in: "edge-router", system.stack) != nil)
            let log = system.stack.log("edge-router")
            #expect(!log.contains("reader-of-devices") && !log.contains("stranger-at-the-door"))
        }

        private func line(_ message: String, of request: String, in service: String, _ stack: Stack) async -> JSON? {
            await eventually {
                let lines = stack.log(service).split(separator: "\n").filter { $0.contains(request) }
                return lines.lazy.compactMap { try? JSON(parsing: Array($0.utf8)) }.first {
                    $0["message"]?.string == message
                }
            }
        }
    }
}

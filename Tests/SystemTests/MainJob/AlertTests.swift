import EventLoop
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A register that runs out of paper", .serialized) @Loop struct Alerts {
        @Test("shows an alert, which is mailed, and shows none when the paper is back") func paper() async throws {
            let system = try await EverydayStack.shared()
            let device = system[.alerts]
            try await system.floor.set("flags", ["paperEnd": true], of: device)
            let alert = try #require(
                try await alerts(system, device) { $0.contains { $0["type"] == "paper_low" } }?.first)
            #expect(alert["severity"]?.string == "warning")
            #expect(alert["message"]?.string == "Paper is running low")
            #expect(alert["deviceId"]?.string == device)
            #expect(alert["deviceName"]?.string == "alerts")
            let single = try await system.cloud.get("/api/v1/devices/\(device)/alerts?severity=warning")
            #expect(single.json["alerts"]?.array?.contains(alert) == true)
            #expect(try await delay(of: "paper_low", device, system) < .seconds(1))
            let filtered = try await system.cloud.get("/api/v1/devices/alerts?severity=error")
            #expect(filtered.json["alerts"]?[device] == nil)
            let mails = Mailbox(system.stack)
            let mail: String? = await eventually(within: .seconds(20)) { mails.messages.first { $0.contains(device) } }
            #expect(mail?.contains("To: \(system.stack.variables.email)") == true)
            try await system.floor.set("flags", ["paperEnd": false], of: device)
            #expect(try await alerts(system, device) { !$0.contains { $0["type"] == "paper_low" } } != nil)
        }

        /// How long after the register's report the event stood in the outbox.
        private func delay(of type: String, _ device: String, _ system: EverydayStack) async throws -> Duration {
            let books = Books(system.stack)
            let milliseconds: Int? = try await eventually {
                let rows = try await books.database.query(
                    """
                    SELECT (extract(epoch FROM created_at - (data #>> '{alert,detectedAt}')::timestamptz) * 1000)::integer
                        AS delay
                    FROM bus.outbox WHERE type = 'device.alert' AND data ->> 'deviceId' = $1
                        AND data #>> '{alert,type}' = $2
                    """, [device, type])
                return try rows.first?.int("delay")
            }
            await books.close()
            return .milliseconds(milliseconds ?? .max)
        }

        private func alerts(
            _ system: EverydayStack, _ device: String, _ wanted: ([JSON]) -> Bool
        ) async throws -> [JSON]? {
            try await eventually {
                let answer = try await system.cloud.get("/api/v1/devices/alerts")
                let alerts = answer.json["alerts"]?[device]?.array ?? []
                return wanted(alerts) ? alerts : nil
            }
        }
    }
}

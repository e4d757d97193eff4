import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A handshake of a device", .serialized) @Loop struct Handshakes {
        struct Case: Sendable, CustomTestStringConvertible {
            let query: String
            let headers: HTTPHeaders
            let status: Int
            var testDescription: String { "\(query) \(headers.all.map(\.name)) -> \(status)" }
        }

        nonisolated static let wellFormed = "ebon_live_acme_corp_00000000000000000000000000000000"

        nonisolated static let cases: [Case] = [
            Case(query: "", headers: [:], status: 401),
            Case(query: "?deviceId=dev_pos_02", headers: [:], status: 401),
            Case(query: "?deviceId=dev_pos_02", headers: ["x-api-key": "rubbish"], status: 401),
            Case(query: "?deviceId=dev_pos_02", headers: ["x-api-key": wellFormed], status: 401),
            Case(query: "?deviceId=dev_pos_02&token=a.b.c", headers: [:], status: 401),
            Case(query: "?deviceId=dev_pos_02&apiKey=\(wellFormed)", headers: [:], status: 401),
        ]

        @Test("without a good credential is refused before the upgrade", arguments: cases)
        func credential(_ bad: Case) async throws {
            let system = try await EverydayStack.shared()
            #expect(try await status(of: bad.query, bad.headers, system) == bad.status)
        }

        @Test("of nobody, of an unknown device or of a foreign one is refused, each in its way")
        func refusals() async throws {
            let system = try await EverydayStack.shared()
            let key: HTTPHeaders = ["x-api-key": system.stack.variables.apiKey]
            #expect(try await status(of: "", key, system) == 400)
            #expect(try await status(of: "?appVersion=1", key, system) == 400)
            #expect(try await status(of: "?deviceId=dev_nowhere", key, system) == 404)
            #expect(try await status(of: "?deviceId=%00", key, system) == 400)
            #expect(try await status(of: "?deviceId=dev_pos_02&appVersion=%00", key, system) == 400)
            let other = try await system.stack.makeOrganization("bar_omega")
            #expect(try await status(of: "?deviceId=dev_pos_02", ["x-api-key": other.apiKey], system) == 404)
            try await limitScopes(of: other, system)
            let refused: Bool? = try await eventually {
                let status = try await status(of: "?deviceId=\(other.device)", ["x-api-key": other.apiKey], system)
                return status == 403 ? true : nil
            }
            #expect(refused == true)
        }

        @Test("that is none is told so") func plain() async throws {
            let system = try await EverydayStack.shared()
            let answer = try await system.cloud.get("/ws?deviceId=dev_pos_02")
            #expect(answer.status == 426)
            #expect(answer.code == "UPGRADE_REQUIRED")
        }

        private func limitScopes(of organization: StackVariables, _ system: EverydayStack) async throws {
            let books = Books(system.stack)
            _ = try await books.database.query(
                "UPDATE org.api_keys SET scopes = '{devices:read}' WHERE org_id = $1", [organization.organization])
            await books.close()
        }

        private func status(of query: String, _ headers: HTTPHeaders, _ system: EverydayStack) async throws -> Int {
            let url = system.stack.variables.url.replacing("http://", with: "ws://")
            do {
                let socket = try await WebSocketClient.connect("\(url)/ws\(query)", headers: headers)
                socket.abort()
                return 101
            } catch HTTPClientError.refused(let response) {
                return Int(response.status.rawValue)
            }
        }
    }
}

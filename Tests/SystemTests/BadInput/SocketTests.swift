import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A device that breaks the rules of its socket", .serialized) @Loop struct Sockets {
        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            let bytes: [UInt8]
            let code: UInt16
            var testDescription: String { "\(name) -> \(code)" }
        }

        nonisolated static func text(_ text: String) -> [UInt8] { BrokenSocket.frame(0x81, Array(text.utf8)) }

        nonisolated static let cases: [Case] = [
            Case(name: "three frames that are no JSON", bytes: text("{") + text("") + text("rubbish"), code: 4400),
            Case(
                name: "three frames of an unknown kind",
                bytes: text(#"{"type":"coffee"}"#) + text("{}") + text(#"{"type":7}"#), code: 4400),
            Case(
                name: "three binary frames",
                bytes: Array((0..<3).map { _ in BrokenSocket.frame(0x82, [1, 2]) }.joined()),
                code: 4400),
            Case(
                name: "results that lack what results have",
                bytes: text(#"{"type":"result"}"#) + text(#"{"type":"result","id":"cmd_1"}"#)
                    + text(#"{"type":"result","id":"cmd_1","ok":false}"#), code: 4400),
            Case(
                name: "a deeply nested frame, three times",
                bytes: Array((0..<3).map { _ in text(String(repeating: "[", count: 3000)) }.joined()), code: 4400),
            Case(name: "text that is not UTF-8", bytes: BrokenSocket.frame(0x81, [0xc3, 0x28]), code: 1007),
            Case(
                name: "a frame above 256 KiB",
                bytes: BrokenSocket.frame(0x81, [UInt8](repeating: 0x20, count: 262_145)),
                code: 1009),
            Case(name: "an unmasked frame", bytes: BrokenSocket.frame(0x81, [0x7b], isMasked: false), code: 1002),
            Case(name: "a reserved bit", bytes: BrokenSocket.frame(0xc1, [0x7b]), code: 1002),
            Case(name: "a reserved opcode", bytes: BrokenSocket.frame(0x83, [0x7b]), code: 1002),
            Case(name: "a continuation of nothing", bytes: BrokenSocket.frame(0x80, [0x7b]), code: 1002),
            Case(name: "a fragmented ping", bytes: BrokenSocket.frame(0x09, [1]), code: 1002),
            Case(name: "a long ping", bytes: BrokenSocket.frame(0x89, [UInt8](repeating: 1, count: 126)), code: 1002),
        ]

        @Test("is closed with the code for it", arguments: cases) func closed(_ broken: Case) async throws {
            let system = try await EverydayStack.shared()
            // One of its own: a device that is often taken over would be held off.
            let device = try await system.cloud.register(broken.name)
            try await system.unharmed {
                let socket = try await BrokenSocket(system, device: device)
                socket.raw.send(bytes: broken.bytes)
                #expect(await socket.closeCode() == broken.code)
                socket.raw.close()
            }
        }

        @Test("is forgiven two bad frames between good ones, and answered") func forgiven() async throws {
            let system = try await EverydayStack.shared()
            let device = try await DeviceSocket(system, device: "dev_pos_02")
            #expect(await device.next("welcome")?["heartbeatSeconds"]?.integer == 25)
            for _ in 0..<3 {
                device.send(["type": "coffee"])
                device.send(["no": "type"])
                device.send(["type": "ping", "extra": 1])
                #expect(await device.next("pong") != nil)
            }
            device.socket.abort()
        }

        @Test("is closed when it sends too many frames") func flood() async throws {
            let system = try await EverydayStack.shared()
            let device = try await DeviceSocket(system, device: "dev_pos_02")
            for _ in 0..<600 { device.send(["type": "pong"]) }
            #expect(await device.closeCode() == 4429)
        }

        @Test("is closed when a newer one of its kind appears") func superseded() async throws {
            let system = try await EverydayStack.shared()
            let id = try await system.cloud.register("twins")
            let older = try await DeviceSocket(system, device: id)
            let newer = try await DeviceSocket(system, device: id)
            #expect(await older.closeCode() == 4409)
            #expect(await newer.next("welcome") != nil)
            newer.send(["type": "ping"])
            #expect(await newer.next("pong") != nil)
            #expect(try await system.becomes("online", id))
            newer.socket.abort()
            #expect(try await system.becomes("offline", id))
        }

        @Test("is held off for a while when two of its kind fight") func damped() async throws {
            let system = try await EverydayStack.shared()
            let id = try await system.cloud.register("fighters")
            var refusal: Int?
            var sockets: [DeviceSocket] = []
            for _ in 0..<12 where refusal == nil {
                do {
                    sockets.append(try await DeviceSocket(system, device: id))
                } catch HTTPClientError.refused(let response) {
                    refusal = Int(response.status.rawValue)
                    #expect(response.headers["Retry-After"] != nil)
                }
            }
            #expect(refusal == 429)
            #expect(sockets.count == 11)
            sockets.last?.send(["type": "ping"])
            #expect(await sockets.last?.next("pong") != nil)
            sockets.last?.socket.abort()
        }

        @Test("is closed within 5 seconds of its key's end") func revoked() async throws {
            let system = try await EverydayStack.shared()
            let other = try await system.stack.makeOrganization("patisserie_tau")
            let device = try await DeviceSocket(system, device: other.device, credential: ["x-api-key": other.apiKey])
            #expect(try await Cloud(system.stack, apiKey: other.apiKey).get("/api/v1/me").status == 200)
            #expect(await device.next("welcome") != nil)
            let books = Books(system.stack)
            _ = try await books.database.query(
                "UPDATE org.api_keys SET active = false WHERE org_id = $1", [other.organization])
            await books.close()
            // Five seconds, and one for the machine.
            #expect(await device.closeCode(within: .seconds(6)) == 4401)
            let client = try Cloud(system.stack, apiKey: other.apiKey)
            let refused: Bool? = try await eventually(within: .seconds(6)) {
                try await client.get("/api/v1/me").status == 401 ? true : nil
            }
            #expect(refused == true)
        }

        @Test("does not answer for another device") func foreignResult() async throws {
            let system = try await EverydayStack.shared()
            let (mine, victim) = (try await system.cloud.register("liar"), try await system.cloud.register("victim"))
            let order = try await system.cloud.post("/api/v1/devices/\(victim)/commands", Sale.printReceipt)
            let id = order.json["id"]?.string ?? ""
            let device = try await DeviceSocket(system, device: mine)
            device.send(["type": "result", "id": .string(id), "ok": true, "data": ["receiptNumber": "1"]])
            device.send(["type": "result", "id": "cmd_never_ordered", "ok": true, "data": [:]])
            let books = Books(system.stack)
            let recorded: Bool? = try await eventually {
                try await books.count("SELECT count(*) FROM dispatch.refused_results WHERE device_id = $1", [mine]) == 2
                    ? true : nil
            }
            await books.close()
            #expect(recorded == true)
            let command = try await system.cloud.get("/api/v1/commands/\(id)").json
            #expect(command["status"]?.string == "pending")
            #expect(try await system.cloud.post("/api/v1/commands/\(id)/cancel", [:]).status == 200)
            device.socket.abort()
        }
    }
}

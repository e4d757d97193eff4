import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

@testable import VirtualDevice

@Suite("On the device socket") @Loop struct ProtocolTests {
    @Test("the app says who it is, in the handshake and in its first frame")
    func handshake() async throws {
        let cloud = try Cloud()
        let status = try await cloud.next("status")
        #expect(status["flags"]?["paperEnd"] == false)
        #expect(status["fault"] == .null)
        let request = try #require(cloud.handshakes.first)
        #expect(request.path == "/ws")
        #expect(request.queryItems.first == QueryItem(name: "deviceId", value: "dev_1"))
        #expect(request.headers["x-api-key"] == "ebon_live_x")
        #expect(cloud.socket?.subprotocol == "ebon.device.v1")
        await cloud.stop()
    }

    @Test("a command is accepted, carried out once and answered until it is acknowledged")
    func command() async throws {
        let cloud = try Cloud()
        _ = try await cloud.next("status")
        cloud.command("cmd_1", "cash_in", ["amount": 10])
        #expect(try await cloud.next("accepted") == ["type": "accepted", "id": "cmd_1"])
        let result: JSON = ["type": "result", "id": "cmd_1", "ok": true, "data": [:]]
        #expect(try await cloud.next("result") == result)
        cloud.command("cmd_1", "cash_in", ["amount": 10])
        #expect(try await cloud.next("result") == result)
        cloud.socket?.abort()
        _ = try await cloud.next("status")
        #expect(try await cloud.next("result") == result)
        cloud.send(["type": "ack", "id": "cmd_1"])
        cloud.send(["type": "query", "ids": ["cmd_1", "cmd_2"]])
        let entries: JSON = [
            ["id": "cmd_1", "state": "executed", "ok": true, "data": [:]], ["id": "cmd_2", "state": "unknown"],
        ]
        #expect(try await cloud.next("journal")["entries"] == entries)
        let state = try await cloud.state()
        #expect(state["prints"] == ["cmd_1": 1])
        #expect(state["deliveries"] == ["cmd_1": 2])
        #expect(state["unacked"] == [])
        #expect(state["register"]?["cashBalance"]?.text == "10.00")
        await cloud.stop()
    }

    @Test("a command that comes too late is not carried out")
    func late() async throws {
        let cloud = try Cloud()
        _ = try await cloud.next("status")
        cloud.command("cmd_1", "cash_in", ["amount": 10], expiresIn: .seconds(-1))
        let result = try await cloud.next("result")
        #expect(result["ok"] == false)
        #expect(result["error"]?["code"] == "EXPIRED")
        #expect(try await cloud.state()["prints"] == [:])
        await cloud.stop()
    }

    @Test("a ping has its pong, and what is not understood does no harm")
    func ping() async throws {
        let cloud = try Cloud()
        _ = try await cloud.next("status")
        for frame in [["type": "news"], [:], ["type": "command", "id": 1], ["type": "query"]] as [JSON] {
            cloud.send(frame)
        }
        cloud.send(["type": "ping"])
        #expect(try await cloud.next("pong") == ["type": "pong"])
        await cloud.stop()
    }

    @Test("the app comes back after refusals and a close of the cloud")
    func reconnect() async throws {
        let cloud = try Cloud()
        _ = try await cloud.next("status")
        cloud.refusals = [503, 401, 429]
        cloud.socket?.close(1012, "restart")
        _ = try await cloud.next("status")
        #expect(cloud.handshakes.count == 5)
        #expect(try await cloud.state()["connections"] == 2)
        await cloud.stop()
    }

    @Test("conditions are reported when they change, and refuse printing")
    func conditions() async throws {
        let cloud = try Cloud()
        _ = try await cloud.next("status")
        #expect(try await cloud.put("/flags", ["paperEnd": true]) == 204)
        #expect(try await cloud.next("status")["flags"]?["paperEnd"] == true)
        cloud.command("cmd_1", "x_report")
        #expect(try await cloud.next("result")["error"]?["code"] == "E301")
        #expect(try await cloud.put("/fault", ["fault": "Head too hot"]) == 204)
        #expect(try await cloud.next("status")["fault"] == "Head too hot")
        await cloud.stop()
    }

    @Test("a device is held offline and let back, by its own name among others")
    func offline() async throws {
        let cloud = try Cloud(devices: "dev_1..3")
        for _ in 1...3 { _ = try await cloud.next("status") }
        #expect(try await cloud.put("/connection?deviceId=dev_2", ["state": "down"]) == 204)
        #expect(try await cloud.state(of: "dev_2")["connected"] == false)
        #expect(try await cloud.state(of: "dev_1")["connected"] == true)
        #expect(try await cloud.put("/connection?deviceId=dev_2", ["state": "up"]) == 204)
        _ = try await cloud.next("status")
        #expect(cloud.fleet.connected == 3)
        await cloud.stop()
    }

    @Test(
        "a connection that is cut before the answer brings it later",
        arguments: [
            "after-journal", "after-print", "before-result",
        ])
    func cut(_ point: String) async throws {
        let cloud = try Cloud()
        _ = try await cloud.next("status")
        let failure: JSON = ["point": .string(point), "action": "disconnect"]
        #expect(try await cloud.put("/failure", failure) == 204)
        cloud.command("cmd_1", "cash_in", ["amount": 10])
        _ = try await cloud.next("status")
        #expect(try await cloud.next("result")["ok"] == true)
        #expect(try await cloud.state()["prints"] == ["cmd_1": 1])
        await cloud.stop()
    }

    @Test("a command that is lost before the journal never arrived")
    func lost() async throws {
        let cloud = try Cloud()
        _ = try await cloud.next("status")
        #expect(try await cloud.put("/failure", ["point": "before-journal", "action": "disconnect"]) == 204)
        cloud.command("cmd_1", "cash_in", ["amount": 10])
        _ = try await cloud.next("status")
        cloud.send(["type": "query", "ids": ["cmd_1"]])
        #expect(try await cloud.next("journal")["entries"] == [["id": "cmd_1", "state": "unknown"]])
        await cloud.stop()
    }

    @Test(
        "the control port says what it does not take",
        arguments: [
            ("/flags", ["paper": true]), ("/flags", ["paperEnd": 1]), ("/fault", [:]),
            ("/latency", ["milliseconds": -1]),
            ("/connection", ["state": "sideways"]), ("/failure", ["point": "never", "action": "exit"]),
            ("/failure", ["point": "after-print", "action": "exit", "times": 0]), ("/flags?deviceId=dev_9", [:]),
        ] as [(String, JSON)])
    func badControl(_ path: String, _ body: JSON) async throws {
        let cloud = try Cloud()
        #expect(try await cloud.put(path, body) == 400)
        #expect(try await cloud.put("/nowhere", [:]) == 404)
        await cloud.stop()
    }
}

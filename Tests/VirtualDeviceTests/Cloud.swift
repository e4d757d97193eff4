import EventLoop
import Foundation
import HTTP
import JSON
import Models
import ServiceRuntime
import TestSupport
import Testing

@testable import VirtualDevice

/// The other end of the device socket, in the test's hand, with devices connected to it.
@Loop final class Cloud {
    private(set) var frames: [JSON] = []
    private(set) var handshakes: [HTTPRequest] = []
    private(set) var socket: WebSocket?
    /// What the next handshakes are refused with.
    var refusals: [HTTPStatus] = []
    private(set) var fleet: Fleet!
    private var server: HTTPServer!
    private var control: ControlServer!
    private var client: HTTPClient!
    private let directory = "/tmp/ebon-device-\(UUID().uuidString)"

    init(devices: String = "dev_1", isFirstEdgeAway: Bool = false) throws {
        server = HTTPServer { [weak self] in self?.answer($0) ?? HTTPResponse(503) }
        let address = try server.listen(on: .tcp(host: "127.0.0.1", port: 0))
        let configuration = try Config.read([
            "EBON_URL": isFirstEdgeAway ? "http://127.0.0.1:1" : "http://\(address)",
            "VIRTUAL_DEVICE_OTHER_URLS": "http://\(address)/", "EBON_API_KEY": "ebon_live_x",
            "VIRTUAL_DEVICE_ID": devices,
            "VIRTUAL_DEVICE_DIR": directory, "VIRTUAL_DEVICE_QUIET": "true", "VIRTUAL_DEVICE_LATENCY_MS": "0",
            "VIRTUAL_DEVICE_SEED": "1", "VIRTUAL_DEVICE_RECONNECT_MAX": "40ms",
        ])
        fleet = try Fleet(configuration, metrics: Metrics()) { Issue.record("\($0)") }
        control = ControlServer(fleet: fleet)
        client = try HTTPClient("http://127.0.0.1:\(try control.listen(port: 0))")
        fleet.start()
    }

    func stop() async {
        await fleet.stop(deadline: .current + .seconds(5))
        await control.drain()
        await server.drain(within: .milliseconds(50))
        #expect((try? FileManager.default.removeItem(atPath: directory)) != nil)
    }

    func send(_ frame: JSON) { socket?.send(text: frame.serialized()) }

    func command(_ id: String, _ type: String, _ payload: JSON = [:], expiresIn duration: Duration = .seconds(60)) {
        send([
            "type": "command", "id": .string(id), "command": .string(type), "payload": payload,
            "expiresAt": .string((Timestamp.now() + duration).description),
        ])
    }

    /// Waits for a frame of that type that the test has not seen.
    func next(_ type: String) async throws -> JSON {
        let found: JSON? = await eventually {
            guard let index = frames.firstIndex(where: { $0["type"]?.string == type }) else { return nil }
            return frames.remove(at: index)
        }
        return try #require(found, "no \(type)")
    }

    /// Changes something over the control port; the status of the answer.
    func put(_ path: String, _ body: JSON) async throws -> HTTPStatus {
        try await client.request(.put, path, body: body.serialized(), within: .seconds(5)).status
    }

    func state(of device: String = "dev_1") async throws -> JSON {
        let answer = try await client.request(.get, "/state?deviceId=\(device)", within: .seconds(5))
        return try #require(try JSON(parsing: answer.body)["devices"]?[device])
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        handshakes.append(request)
        if !refusals.isEmpty { return HTTPResponse(refusals.removeFirst()) }
        return .webSocket(subprotocols: ["ebon.device.v1"]) { [weak self] socket in
            self?.socket = socket
            socket.onText = { [weak self] in
                if let frame = try? JSON(parsing: $0) { self?.frames.append(frame) }
            }
            self?.send(["type": "welcome", "session": "ses_1", "heartbeatSeconds": 25])
        }
    }
}

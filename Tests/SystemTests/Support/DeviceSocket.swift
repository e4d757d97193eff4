import EventLoop
import HTTP
import JSON
import TestSupport

/// A device's socket that does what a test tells it, right or wrong.
@Loop final class DeviceSocket {
    private(set) var frames: [JSON] = []
    private(set) var closure: WebSocketClosure?
    private(set) var socket: WebSocket!

    static let subprotocol = "ebon.device.v1"

    convenience init(_ system: EverydayStack, device: String, credential: HTTPHeaders? = nil) async throws {
        try await self.init(system.stack, device: device, credential: credential)
    }

    init(_ stack: Stack, at edge: String? = nil, device: String, credential: HTTPHeaders? = nil) async throws {
        let url = (edge ?? stack.variables.url).replacing("http://", with: "ws://")
        socket = try await WebSocketClient.connect(
            "\(url)/ws?deviceId=\(device)&appVersion=2.4.1&deviceModel=Test&osVersion=14",
            headers: credential ?? ["x-api-key": stack.variables.apiKey], subprotocols: [Self.subprotocol]
        ) { [self] socket in
            socket.onText = { [self] text in frames.append((try? JSON(parsing: text)) ?? .null) }
            socket.onClose = { [self] in closure = $0 }
        }
    }

    func send(_ frame: JSON) { socket.send(text: frame.serialized()) }

    /// The next frame of a type that has not been taken yet.
    func next(_ type: String) async -> JSON? {
        await eventually {
            guard let index = frames.firstIndex(where: { $0["type"]?.string == type }) else { return nil }
            return frames.remove(at: index)
        }
    }

    /// The code that the other side closes with.
    func closeCode(within limit: Duration = .seconds(10)) async -> UInt16? {
        await eventually(within: limit) { closure?.code.rawValue }
    }
}

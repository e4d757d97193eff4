import EventLoop
import HTTP
import JSON
import TestSupport

/// The app's end of a device socket.
@Loop final class FakeApp {
    var socket: WebSocket?
    private(set) var frames: [JSON] = []
    private(set) var closure: WebSocketClosure?

    func listen(to socket: WebSocket) {
        socket.onText = { [self] in frames.append((try? JSON(parsing: $0)) ?? .null) }
        socket.onClose = { [self] in closure = $0 }
    }

    func send(_ frame: JSON) { socket?.send(text: frame.serialized()) }

    func send(_ text: String) { socket?.send(text: text) }

    /// The first frame of a type, once it has come.
    func frame(_ type: String) async -> JSON? {
        await eventually(within: .seconds(5)) { self.frames.first { $0["type"]?.string == type } }
    }

    func frames(_ type: String) -> [JSON] { frames.filter { $0["type"]?.string == type } }

    /// The code with which the cloud closes.
    func closeCode(within limit: Duration = .seconds(5)) async -> UInt16? {
        await eventually(within: limit) { self.closure }?.code.rawValue
    }
}

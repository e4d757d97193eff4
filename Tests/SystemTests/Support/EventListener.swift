import EventLoop
import HTTP
import JSON
import TestSupport

/// A client of the events socket that comes back after every loss, with the last event that it has seen.
@Loop final class EventListener {
    private(set) var events: [JSON] = []
    private(set) var frames: [JSON] = []
    private(set) var closures: [UInt16] = []
    private(set) var connections = 0
    private(set) var socket: WebSocket?
    private let url: String
    private let headers: HTTPHeaders
    private let start: String?
    private var isOver = false

    /// Begins after the event `start`, or with what comes.
    init(_ stack: Stack, credential: HTTPHeaders? = nil, after start: String? = nil) {
        self.start = start
        url = stack.variables.url.replacing("http://", with: "ws://") + "/ws?subscribe=events"
        headers = credential ?? ["x-api-key": stack.variables.apiKey]
    }

    var ids: [String] { events.compactMap { $0["id"]?.string } }
    var types: [String] { events.compactMap { $0["type"]?.string } }

    /// Opens the socket, tried until somebody takes it, and waits for its welcome.
    func open() async throws {
        let since = (ids.last ?? start).map { "&since=\($0)" } ?? ""
        var last: (any Error)?
        let opened: Bool? = await eventually(within: .seconds(60)) {
            guard !isOver else { return true }
            do {
                socket = try await WebSocketClient.connect(url + since, headers: headers, within: .seconds(5)) {
                    [self] in
                    listen(to: $0)
                }
                return true
            } catch {
                last = error
                return nil
            }
        }
        if opened == nil, let last { throw last }
        connections += 1
    }

    /// Comes back whenever the socket closes, until ``close()``.
    func stay() async throws {
        while !isOver {
            while closures.count < connections, !isOver { try await Loop.sleep(for: .milliseconds(20)) }
            if !isOver { try await open() }
        }
    }

    func close() {
        isOver = true
        socket?.close()
    }

    /// The first event that fits, once it has come.
    func event(_ type: String, where fits: (JSON) -> Bool = { _ in true }) async -> JSON? {
        await eventually { events.first { $0["type"]?.string == type && fits($0["data"] ?? .null) } }
    }

    func frame(_ type: String) async -> JSON? { await eventually { frames.first { $0["type"]?.string == type } } }

    func closeCode(within limit: Duration = .seconds(10)) async -> UInt16? {
        await eventually(within: limit) { closures.last }
    }

    private func listen(to socket: WebSocket) {
        socket.onText = { [self] text in
            guard let frame = try? JSON(parsing: text) else { return }
            if frame["id"] == nil { frames.append(frame) } else { events.append(frame) }
        }
        socket.onClose = { [self] in closures.append($0.code.rawValue) }
    }
}

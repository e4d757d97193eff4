import EventLoop
import HTTP
import JSON
import Models
import ServiceRuntime

/// A device's connection to the cloud: there whenever it can be, one at a time.
@Loop final class DeviceLink {
    private static let welcomeDeadline = Duration.seconds(10)
    /// The cloud pings every 25 s; more than two missed pings are a dead connection.
    private static let silenceLimit = Duration.seconds(60)

    private let target: String
    private let access: CloudAccess
    private let deliver: @Loop (CloudFrame) -> Void
    private let device: DeviceID
    private var backoff: Backoff
    private var pace = FramePace()
    private var socket: WebSocket?
    private var timer: LoopTimer?
    private var lastInbound = LoopInstant(nanoseconds: 0)
    /// Ends an attempt or a socket that has been overtaken by events.
    private var generation = 0
    /// Attempts that came to nothing.
    private var failures = 0

    /// False while the device is held offline.
    private(set) var isWanted = false
    /// The session that the cloud has opened; nil while there is none.
    private(set) var session: String?
    private(set) var hasBeenConnected = false
    private(set) var connections = 0

    init(
        _ device: DeviceID, access: CloudAccess, generator: SeededGenerator,
        deliver: @escaping @Loop (CloudFrame) -> Void
    ) {
        self.device = device
        self.access = access
        self.deliver = deliver
        backoff = Backoff(longest: access.longestWait, generator: generator)
        target = "/ws?deviceId=\(device)&appVersion=1.0.0&deviceModel=Virtual&osVersion=Linux"
    }

    func open() {
        guard !isWanted else { return }
        isWanted = true
        attempt()
    }

    /// Closes the connection and leaves it closed.
    func close(_ code: WebSocketCloseCode = .normal) {
        isWanted = false
        generation += 1
        timer?.cancel()
        let socket = socket
        (self.socket, session) = (nil, nil)
        socket?.close(code)
    }

    /// Loses the connection as a phone in a lift would; it comes back as usual.
    func cut() {
        guard let socket else { return }
        lost(socket, nil)
        socket.abort()
    }

    /// Sends a frame if the session is open; if not, it is lost.
    func send(_ frame: AppFrame) {
        guard session != nil else { return }
        pace.spend(at: Loop.now)
        socket?.send(text: frame.json.serialized())
    }

    /// How long the next command has to wait, at least, so that the cloud's limit of frames is kept.
    func congestion() -> Duration { pace.wait(at: Loop.now) }

    private func attempt() {
        generation += 1
        let generation = generation
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            do throws(HTTPClientError) {
                try await access.connect(target, failures: failures) { [weak self] in self?.opened($0, generation) }
            } catch {
                guard isWanted, generation == self.generation else { return }
                failures += 1
                if case .refused(let response) = error {
                    Log.warning("refused", ["deviceId": device, "status": response.status.rawValue])
                    if response.status.rawValue < 500 { backoff.refused() }
                }
                retry()
            }
        }
    }

    private func retry() {
        timer?.cancel()
        timer = Loop.schedule(after: backoff.next()) { [weak self] in self?.attempt() }
    }

    private func opened(_ socket: WebSocket, _ generation: Int) {
        guard isWanted, generation == self.generation else { return socket.abort() }
        self.socket = socket
        lastInbound = .current
        socket.onFrame = { [weak self] in self?.lastInbound = Loop.now }
        socket.onText = { [weak self, unowned socket] in self?.received($0, from: socket) }
        socket.onClose = { [weak self, unowned socket] in self?.lost(socket, $0) }
        watch(socket, for: Self.welcomeDeadline)
    }

    private func watch(_ socket: WebSocket, for limit: Duration) {
        timer?.cancel()
        timer = Loop.schedule(at: lastInbound + limit) { [weak self, weak socket] in
            guard let self, let socket, socket === self.socket else { return }
            let limit = session == nil ? Self.welcomeDeadline : Self.silenceLimit
            if Loop.now - lastInbound >= limit { cut() } else { watch(socket, for: limit) }
        }
    }

    private func received(_ text: [UInt8], from socket: WebSocket) {
        guard socket === self.socket else { return }
        guard let frame = CloudFrame(text) else {
            return Log.warning("not understood", ["deviceId": device, "bytes": text.count])
        }
        if case .welcome(let session) = frame {
            self.session = session
            connections += 1
            hasBeenConnected = true
            backoff.succeeded()
        }
        deliver(frame)
    }

    private func lost(_ socket: WebSocket, _ closure: WebSocketClosure?) {
        guard socket === self.socket else { return }
        (self.socket, session) = (nil, nil)
        if let closure, closure.code.rawValue >= 4000 {
            Log.warning("closed by the cloud", ["deviceId": device, "code": closure.code.rawValue])
            backoff.refused()
        }
        if isWanted { retry() }
    }
}

import Bus
import Crypto
import Endpoints
import EventLoop
import HTTP
import JSON
import Models
import ServiceRuntime

/// The internal port to which the edges hand sockets over.
@Loop final class SocketServer {
    private let mostSockets = OpenFiles.forSockets
    private static let limits = WebSocketLimits(
        messageBytes: 256 * 1024, systemBufferBytes: 128 * 1024, farewell: .serviceRestart)

    private let doorkeeper: Doorkeeper
    private let events: EventSockets
    private let signature: SignedCaller
    private let bus: Bus
    private var server: HTTPServer?

    /// The edge has signed by the time of `bus`, whatever the hosts' clocks say.
    init(doorkeeper: Doorkeeper, events: EventSockets, signature: SignedCaller, bus: Bus) {
        self.doorkeeper = doorkeeper
        self.events = events
        self.signature = signature
        self.bus = bus
    }

    func listen(host: String, port: Int) throws(SystemCallError) -> UInt16 {
        let server = HTTPServer(
            refusal: { refusal, _ in APIError(refusing: refusal.status.rawValue, reason: refusal.reason).response() },
            responder: { [self] request in await respond(to: request) })
        self.server = server
        return try server.listen(on: .tcp(host: host, port: UInt16(port))).port
    }

    func drain(within limit: Duration) async { await server?.drain(within: limit) }

    private func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard let trace = TraceContext(request.headers) else { return await answer(request) }
        return await trace.run { await answer(request) }
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        do throws(APIError) {
            guard request.path == "/ws" else { throw .notFound("Not found") }
            guard request.method == .get else { throw .methodNotAllowed(allow: ["GET"]) }
            return try await EventHandshake.isMeant(by: request) ? openEvents(request) : openDevice(request)
        } catch {
            return error.response()
        }
    }

    private func openDevice(_ request: HTTPRequest) async throws(APIError) -> HTTPResponse {
        let handshake = try Handshake(request, signature: signature, now: bus.time)
        try checkRoom(request)
        let admission = try await doorkeeper.admit(handshake)
        return .webSocket(subprotocols: [Handshake.subprotocol], limits: Self.limits) { [doorkeeper] socket in
            doorkeeper.sockets.accept(socket, handshake, admission)
        }
    }

    private func openEvents(_ request: HTTPRequest) async throws(APIError) -> HTTPResponse {
        let handshake = try EventHandshake(request, signature: signature, now: bus.time)
        try checkRoom(request)
        let admission = try await events.admit(handshake)
        return .webSocket(subprotocols: [], limits: Self.limits) { [events] socket in
            events.accept(socket, handshake, admission)
        }
    }

    private func checkRoom(_ request: HTTPRequest) throws(APIError) {
        guard request.asksForWebSocket else {
            throw APIError(.upgradeRequired, "This address speaks WebSocket only")
        }
        guard doorkeeper.sockets.count + events.count < mostSockets else {
            throw .unavailable("Too many sockets are open", retryAfter: 5)
        }
    }
}

extension APIError {
    fileprivate func response() -> HTTPResponse {
        var fields: HTTPHeaders = ["Content-Type": "application/json"]
        for (name, value) in headers { fields.append(name, value) }
        return HTTPResponse(HTTPStatus(rawValue: status), headers: fields, body: envelope())
    }
}

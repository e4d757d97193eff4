import Crypto
import Endpoints
import EventLoop
import HTTP
import JSON
import Models
import ServiceRuntime

/// The internal port to which the edges hand device sockets over.
@Loop final class SocketServer {
    private static let mostSockets = 19_000

    private let doorkeeper: Doorkeeper
    private let signature: SignedCaller
    private var server: HTTPServer?

    init(doorkeeper: Doorkeeper, signature: SignedCaller) {
        self.doorkeeper = doorkeeper
        self.signature = signature
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
        do throws(APIError) {
            guard request.path == "/ws" else { throw .notFound("Not found") }
            guard request.method == .get else { throw .methodNotAllowed(allow: ["GET"]) }
            let handshake = try Handshake(request, signature: signature, now: .now())
            guard request.asksForWebSocket else {
                throw APIError(.upgradeRequired, "This address speaks WebSocket only")
            }
            guard doorkeeper.sockets.count < Self.mostSockets else {
                throw .unavailable("Too many sockets are open", retryAfter: 5)
            }
            let admission = try await doorkeeper.admit(handshake)
            return .webSocket(
                subprotocols: [Handshake.subprotocol],
                limits: WebSocketLimits(messageBytes: 256 * 1024, farewell: .serviceRestart)
            ) { [doorkeeper] socket in doorkeeper.sockets.accept(socket, handshake, admission) }
        } catch {
            return error.response()
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

import EventLoop
import HTTP
import TestSupport

/// A server on a free port of this machine.
@Loop struct LiveServer {
    let server: HTTPServer
    let address: SocketAddress

    init(
        _ configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        bodyLimit: HTTPServer.BodyLimit? = nil, responder: @escaping HTTPServer.Responder
    ) throws {
        server = HTTPServer(configuration: configuration, bodyLimit: bodyLimit, responder: responder)
        address = try server.listen(on: .tcp(host: "127.0.0.1", port: 0))
    }

    var endpoint: StreamEndpoint { .tcp(host: address.host, port: address.port) }
    var url: String { "http://\(address)" }
    var webSocketURL: String { "ws://\(address)/socket" }

    func stop() async { await server.drain(within: .milliseconds(50)) }
}

extension RawConnection {
    convenience init(to server: LiveServer, _ text: String = "") async throws {
        try await self.init(to: server.endpoint, text)
    }
}

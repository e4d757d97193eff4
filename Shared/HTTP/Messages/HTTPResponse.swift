import EventLoop

/// What a responder answers: a status with a body, or that the connection becomes something else.
package struct HTTPResponse: Sendable {
    enum Content: Sendable {
        case body([UInt8])
        case webSocket(WebSocketAcceptance)
        case takeOver(@Loop (TCPStream, [UInt8]) -> Void)
    }

    /// The status.
    package var status: HTTPStatus
    /// The header fields besides Date, Content-Length, Connection and Transfer-Encoding, which the server alone
    /// writes.
    package var headers: HTTPHeaders
    var content: Content

    /// A response with a body.
    package init(_ status: HTTPStatus, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        content = .body(body)
    }

    private init(_ status: HTTPStatus, headers: HTTPHeaders, content: Content) {
        self.status = status
        self.headers = headers
        self.content = content
    }

    /// The body; empty when the connection becomes something else.
    package var body: [UInt8] {
        get { if case .body(let bytes) = content { bytes } else { [] } }
        set { content = .body(newValue) }
    }

    /// Accepts the WebSocket handshake (RFC 6455 §4.2) and gives the open socket to `onOpen`, which sets its callbacks.
    ///
    /// A handshake that is none is refused instead: 426 without an upgrade or for another version, 400 for the rest.
    /// The first of the client's subprotocols that is in `subprotocols` is chosen; none is fine too.
    package static func webSocket(
        subprotocols: [String] = [], limits: WebSocketLimits = WebSocketLimits(), headers: HTTPHeaders = [:],
        onOpen: @escaping @Loop (WebSocket) -> Void
    ) -> HTTPResponse {
        HTTPResponse(
            101, headers: headers,
            content: .webSocket(WebSocketAcceptance(subprotocols: subprotocols, limits: limits, onOpen: onOpen)))
    }

    /// Answers nothing and gives the bare stream away, with the bytes that came after the request's end. The new owner
    /// sets the stream's handler before returning, writes what has to be answered, and closes it.
    package static func takeOver(_ owner: @escaping @Loop (TCPStream, [UInt8]) -> Void) -> HTTPResponse {
        HTTPResponse(101, headers: [:], content: .takeOver(owner))
    }
}

import EventLoop

/// What a responder said when it accepted a WebSocket.
struct WebSocketAcceptance: Sendable {
    let subprotocols: [String]
    let limits: WebSocketLimits
    let onOpen: @Loop (WebSocket) -> Void
}

/// A checked opening handshake (RFC 6455 §4.2).
struct WebSocketHandshake: Sendable {
    let subprotocol: String?
    private let answer: String

    init(_ request: HTTPRequest, acceptance: WebSocketAcceptance) throws(HTTPRefusal) {
        let headers = request.headers
        guard request.method == .get, request.head.framing == .empty else {
            throw .malformed("a WebSocket is opened with GET and no body")
        }
        guard request.asksForWebSocket, request.head.asksForUpgrade else {
            throw HTTPRefusal(426, "this is a WebSocket: upgrade the connection")
        }
        guard headers.values(of: "Sec-WebSocket-Version") == ["13"] else {
            throw HTTPRefusal(426, "only version 13 of the WebSocket protocol is spoken here")
        }
        let keys = headers.values(of: "Sec-WebSocket-Key")
        guard keys.count == 1, Base64.isSixteenBytes(keys[0]) else {
            throw .malformed("Sec-WebSocket-Key is not sixteen bytes in base64")
        }
        answer = Self.answer(to: keys[0])
        subprotocol = headers.values(of: "Sec-WebSocket-Protocol")
            .flatMap { $0.utf8.split(separator: UInt8(ascii: ",")) }
            .map { offered in Array(offered).withUnsafeBufferPointer { String(decoding: $0.trimmed, as: UTF8.self) } }
            .first { acceptance.subprotocols.contains($0) }
    }

    /// What the server must send back for a key.
    static func answer(to key: String) -> String {
        Base64.encode(SHA1.digest(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
    }

    func writeResponse(headers: HTTPHeaders, into output: inout [UInt8]) {
        var headers = headers
        headers["Upgrade"] = "websocket"
        headers["Connection"] = "Upgrade"
        headers["Sec-WebSocket-Accept"] = answer
        headers["Sec-WebSocket-Protocol"] = subprotocol
        output.append(contentsOf: "HTTP/1.1 101 Switching Protocols\r\n".utf8)
        headers.write(to: &output)
        output.append(contentsOf: "\r\n".utf8)
    }
}

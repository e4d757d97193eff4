import EventLoop

/// Opens WebSockets as a client (RFC 6455 §4.1).
package enum WebSocketClient {
    /// Connects and performs the handshake, all within `limit`; `onOpen` sets the callbacks before anything arrives.
    /// - Throws: ``HTTPClientError/refused(_:)`` with the server's answer if it is not 101.
    @Loop package static func connect(
        _ url: String, headers: HTTPHeaders = [:], subprotocols: [String] = [],
        limits: WebSocketLimits = WebSocketLimits(), within limit: Duration = .seconds(10),
        onOpen: @escaping @Loop (WebSocket) -> Void = { _ in }
    ) async throws(HTTPClientError) -> WebSocket {
        guard let url = HTTPURL(url) else { throw .badURL(url) }
        return try await connect(
            url, headers: headers, subprotocols: subprotocols, limits: limits, within: limit, onOpen: onOpen)
    }

    /// The same for a server without a URL, such as a unix socket.
    @Loop package static func connect(
        _ url: HTTPURL, headers: HTTPHeaders = [:], subprotocols: [String] = [],
        limits: WebSocketLimits = WebSocketLimits(), within limit: Duration = .seconds(10),
        onOpen: @escaping @Loop (WebSocket) -> Void = { _ in }
    ) async throws(HTTPClientError) -> WebSocket {
        let deadline = LoopInstant.current + limit
        let key = Base64.encode((0..<16).map { _ in UInt8.random(in: 0 ... .max) })
        var fields = headers
        fields["Upgrade"] = "websocket"
        fields["Connection"] = "Upgrade"
        fields["Sec-WebSocket-Version"] = "13"
        fields["Sec-WebSocket-Key"] = key
        if !subprotocols.isEmpty { fields["Sec-WebSocket-Protocol"] = subprotocols.joined(separator: ", ") }
        let connection: HTTPClientConnection
        do throws(StreamError) {
            connection = HTTPClientConnection(try await TCPStream.connect(to: url.endpoint, within: limit))
        } catch {
            throw .connection(error)
        }
        let request = RequestWriter.request(.get, url.target, authority: url.authority, headers: fields, body: [])
        let response = try await connection.send(request, isHead: false, bodyLimit: 1 << 20, before: deadline)
        let subprotocol = response.headers["Sec-WebSocket-Protocol"]
        guard response.status == 101 else {
            connection.close()
            throw .refused(response)
        }
        guard response.headers["Sec-WebSocket-Accept"] == WebSocketHandshake.answer(to: key),
            subprotocol.map(subprotocols.contains) ?? true
        else {
            connection.close()
            throw .badResponse("the handshake's answer does not belong to its question")
        }
        guard connection.stream.isOpen else { throw .disconnected }
        let socket = WebSocket(connection.stream, role: .client, subprotocol: subprotocol, limits: limits)
        onOpen(socket)
        connection.rest.withUnsafeBufferPointer { socket.receive($0) }
        connection.stream.resumeReading()
        return socket
    }
}

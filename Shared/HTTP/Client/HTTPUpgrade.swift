import EventLoop

/// A handshake that was sent on for somebody else, and what the server made of it.
@Loop package struct HTTPUpgrade {
    /// The server's answer; only behind a 101 the connection has become something else.
    package let response: HTTPClientResponse
    private let connection: HTTPClientConnection

    /// Connects, sends `request` as it is (see ``RequestWriter/head(_:_:headers:)``) and awaits the answer, all within
    /// `limit`; an answer that is not 101 has at most 1 MiB of body, and its connection is closed.
    package static func send(
        _ request: [UInt8], to endpoint: StreamEndpoint, connectingWithin connectLimit: Duration, within limit: Duration
    ) async throws(HTTPClientError) -> HTTPUpgrade {
        let deadline = LoopInstant.current + limit
        let connection: HTTPClientConnection
        do throws(StreamError) {
            connection = HTTPClientConnection(
                try await TCPStream.connect(to: endpoint, within: min(connectLimit, limit)))
        } catch {
            throw .connection(error)
        }
        let response = try await connection.send(request, isHead: false, bodyLimit: 1 << 20, before: deadline)
        if response.status != 101 { connection.close() }
        return HTTPUpgrade(response: response, connection: connection)
    }

    /// The bare stream, with what has arrived behind the answer; nil when the server has closed it meanwhile. The new
    /// owner sets the stream's handler before returning to the loop.
    package func take() -> (stream: TCPStream, rest: [UInt8])? {
        guard response.status == 101, connection.stream.isOpen else { return nil }
        connection.stream.handler = nil
        return (connection.stream, connection.rest)
    }

    /// Gives the stream up.
    package func close() { connection.close() }
}

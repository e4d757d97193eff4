import EventLoop

/// A small HTTP/1.1 client for one server, which keeps connections for the next request.
///
/// There is no TLS, no redirect and no repetition: a request that got no answer may have been carried out.
@Loop package final class HTTPClient {
    /// Bytes of the largest body that is taken.
    package var bodyLimit = 64 << 20
    /// Sent with every request, before its own fields.
    package var headers: HTTPHeaders = [:]

    private let base: HTTPURL
    private var idle: [HTTPClientConnection] = []
    private static let idleLimit = 64

    /// A client of the server at `http://host:port`; the URL's path is not used.
    /// - Throws: ``HTTPClientError/badURL(_:)``
    package convenience init(_ url: String) throws(HTTPClientError) {
        guard let url = HTTPURL(url) else { throw .badURL(url) }
        self.init(url)
    }

    /// A client of the server at an endpoint, for example `HTTPURL(endpoint: .unix(path: …))`.
    package init(_ base: HTTPURL) { self.base = base }

    /// Sends one request on a kept connection if there is one, else on a fresh one; connecting included, the answer is
    /// there within `limit`. Any status is an answer, not an error.
    package func request(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
        within limit: Duration = .seconds(10)
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        let deadline = LoopInstant.current + limit
        var fields = self.headers
        for (name, value) in headers.all { fields[name] = value }
        let bytes = RequestWriter.request(method, target, authority: base.authority, headers: fields, body: body)
        let connection = try await connection(within: limit)
        let response = try await connection.send(
            bytes, isHead: method == .head, bodyLimit: bodyLimit, before: deadline)
        if connection.isReusable, idle.count < Self.idleLimit { idle.append(connection) } else { connection.close() }
        return response
    }

    /// Closes the kept connections; the client stays usable.
    package func close() {
        for connection in idle { connection.close() }
        idle = []
    }

    private func connection(within limit: Duration) async throws(HTTPClientError) -> HTTPClientConnection {
        while let connection = idle.popLast() {
            if connection.isReusable { return connection }
        }
        do throws(StreamError) {
            return HTTPClientConnection(try await TCPStream.connect(to: base.endpoint, within: limit))
        } catch {
            throw .connection(error)
        }
    }
}

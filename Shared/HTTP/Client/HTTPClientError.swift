/// Why a request got no answer, or a WebSocket did not open.
package enum HTTPClientError: Error, Sendable {
    /// The URL is not one of ``HTTPURL``'s.
    case badURL(String)
    /// No connection.
    case connection(StreamError)
    /// The connection ended before the answer did.
    case disconnected
    /// No whole answer in time; the request may have been carried out.
    case deadline
    /// The answer is not HTTP, or larger than wanted.
    case badResponse(String)
    /// The server answered a handshake with a status of its own.
    case refused(HTTPClientResponse)
}

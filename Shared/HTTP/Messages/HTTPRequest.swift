/// A whole request, as a responder receives it.
package struct HTTPRequest: Sendable {
    /// Request line and header fields.
    package let head: HTTPRequestHead
    /// The body without its transfer coding.
    package let body: [UInt8]
    /// The other end of the connection; behind a proxy, the proxy.
    package let peer: SocketAddress

    /// A request from its parts; the server makes them of what has arrived.
    package init(head: HTTPRequestHead, body: [UInt8], peer: SocketAddress) {
        self.head = head
        self.body = body
        self.peer = peer
    }

    /// The method.
    package var method: HTTPMethod { head.method }
    /// The path as sent, percent-escapes included.
    package var path: String { head.path }
    /// What follows the first `?`, undecoded.
    package var query: String? { head.query }
    /// The header fields.
    package var headers: HTTPHeaders { head.headers }

    /// The query's items in order, decoded (`+` is a space, as forms send it); an item without `=` has an empty value.
    package var queryItems: [QueryItem] { QueryItem.items(of: head.query ?? "") }

    /// True if the client asks for the WebSocket protocol, which HTTP/1.0 cannot (RFC 9110 §7.8); whether the handshake is
    /// right is checked when it is accepted with ``HTTPResponse/webSocket(subprotocols:limits:headers:onOpen:)``.
    package var asksForWebSocket: Bool { !head.isHTTP10 && headers.contains(token: "websocket", in: "Upgrade") }
}

/// One `name=value` of a query.
package struct QueryItem: Sendable, Hashable {
    /// The decoded name.
    package let name: String
    /// The decoded value.
    package let value: String

    /// An item from decoded text.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The items of a query string or of a form body, decoded; see ``HTTPRequest/queryItems``.
    package static func items(of query: String) -> [QueryItem] {
        query.utf8.split(separator: UInt8(ascii: "&")).map { item in
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return QueryItem(
                name: PercentCoding.decode(parts[0], plusIsSpace: true),
                value: parts.count > 1 ? PercentCoding.decode(parts[1], plusIsSpace: true) : "")
        }
    }
}

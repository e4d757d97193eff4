/// What a client needs of an `http` or `ws` URL.
package struct HTTPURL: Sendable, Hashable {
    /// Where to connect.
    package let endpoint: StreamEndpoint
    /// The `Host` field.
    package let authority: String
    /// Path and query; at least `/`.
    package let target: String

    /// Reads `http://host[:port][/path][?query]` or `ws://…`; nil for anything else (there is no TLS here).
    package init?(_ text: String) {
        guard let scheme = ["http://", "ws://"].first(where: { text.hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = String(rest[..<end])
        let suffix = rest[end...].prefix { $0 != "#" }
        let target = suffix.hasPrefix("/") ? String(suffix) : "/" + suffix
        guard target.utf8.allSatisfy({ ByteClass.target.contains($0) }), !authority.isEmpty,
            authority.utf8.allSatisfy({ ByteClass.host.contains($0) })
        else { return nil }
        let colon = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        let host = authority[..<(colon ?? authority.endIndex)].filter { $0 != "[" && $0 != "]" }
        guard let port = colon.map({ UInt16(authority[authority.index(after: $0)...]) }) ?? 80, !host.isEmpty else {
            return nil
        }
        self.init(endpoint: .tcp(host: host, port: port), target: target, authority: authority)
    }

    /// A target at an endpoint that has no URL, such as a unix socket.
    package init(endpoint: StreamEndpoint, target: String = "/", authority: String = "localhost") {
        self.endpoint = endpoint
        self.target = target
        self.authority = authority
    }
}

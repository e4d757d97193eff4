import HTTP

/// The proxies whose word about the client's address is taken.
struct TrustedProxies: Sendable, Equatable {
    private let networks: [Network]

    init(_ networks: [Network]) { self.networks = networks }

    /// Addresses and networks (`10.0.0.0/8`), separated by commas; nil when one of them is neither.
    init?(parsing text: String) {
        let members = text.split(separator: ",", omittingEmptySubsequences: false)
        let networks = members.map { Network($0.trimmingSpaces) }
        guard !networks.contains(nil) else { return nil }
        self.networks = networks.compactMap { $0 }
    }

    func contains(_ address: SocketAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// The client that makes a request.
    func client(of request: HTTPRequest) -> SocketAddress {
        client(of: request.peer, forwardedFor: request.headers.values(of: "x-forwarded-for"))
    }

    /// The client behind a connection: the socket's other end or, where that is a trusted proxy, the last address in
    /// `X-Forwarded-For` that is none. What stands further left anybody could have written.
    func client(of peer: SocketAddress, forwardedFor fields: [String]) -> SocketAddress {
        guard !networks.isEmpty, contains(peer) else { return peer }
        var client = peer
        for entry in fields.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }).reversed() {
            guard let address = SocketAddress(forwarded: entry.trimmingSpaces) else { return client }
            client = address
            guard contains(address) else { return client }
        }
        return client
    }
}

/// An address with the number of its leading bits that count.
struct Network: Sendable, Equatable {
    private let address: SocketAddress
    private let prefix: Int

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = SocketAddress(numeric: String(parts[0]), port: 0) else { return nil }
        let width = if case .ipv4 = address { 32 } else { 128 }
        guard let prefix = parts.count == 1 ? width : Int(parts[1]), (0...width).contains(prefix) else { return nil }
        self.address = address
        self.prefix = prefix
    }

    func contains(_ other: SocketAddress) -> Bool {
        switch (address, other) {
        case (.ipv4(let left, _), .ipv4(let right, _)):
            // A shift by the whole width gives 0 in Swift: every address is in /0.
            return (left ^ right) >> (32 - prefix) == 0
        case (.ipv6(let leftHigh, let leftLow, _), .ipv6(let rightHigh, let rightLow, _)):
            let isHighEqual = (leftHigh ^ rightHigh) >> max(0, 64 - prefix) == 0
            return isHighEqual && (leftLow ^ rightLow) >> (prefix > 64 ? 128 - prefix : 64) == 0
        default: return false
        }
    }
}

extension SocketAddress {
    /// Whom limits count: an IPv4 address, or the /64 of an IPv6 one, all of whose addresses one customer has.
    var network: String {
        if case .ipv6(let high, _, let port) = self {
            return "\(SocketAddress.ipv6(high: high, low: 0, port: port).host)/64"
        }
        return host
    }

    /// An address as proxies write it: bare, with a port, IPv6 in brackets.
    fileprivate init?(forwarded text: some StringProtocol) {
        var host = String(text)
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            host = String(host[host.index(after: host.startIndex)..<end])
        } else if host.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1, let colon = host.firstIndex(of: ":") {
            host = String(host[..<colon])
        }
        self.init(numeric: host, port: 0)
    }
}

extension StringProtocol {
    fileprivate var trimmingSpaces: SubSequence {
        var text = self[...]
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text.drop { $0 == " " || $0 == "\t" }
    }
}

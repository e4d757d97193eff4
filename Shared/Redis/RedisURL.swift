/// Where a Redis server is and who speaks to it; printing it never shows the password.
package struct RedisURL: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The two kinds of socket that a server listens on.
    package enum Address: Sendable, Equatable {
        /// A name or an IP address, and a port.
        case tcp(host: String, port: UInt16)
        /// The path of a socket in the file system (at most 107 bytes).
        case unix(path: String)
    }

    /// The server's socket.
    package let address: Address
    /// The ACL user; nil means the server's default user.
    package let user: String?
    /// The password; nil sends no `AUTH`.
    package let password: String?
    /// The number of the database, 0 by default.
    package let database: Int

    /// An address without credentials.
    package init(_ address: Address, user: String? = nil, password: String? = nil, database: Int = 0) {
        self.address = address
        self.user = user
        self.password = password
        self.database = database
    }

    /// Reads `redis://[[user]:password@]host[:port][/database]` or `unix://[[user]:password@]/path[?db=database]`;
    /// user and password may be percent-encoded.
    /// - Throws: ``RedisURLError``, which never repeats the text: it may hold a password.
    package init(parsing text: String) throws(RedisURLError) {
        guard let separator = text.firstRange(of: "://") else { throw .scheme }
        let scheme = text[..<separator.lowerBound]
        var rest = text[separator.upperBound...]
        var user: String?
        var password: String?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let decodedUser = percentDecoded(parts[0]), let decoded = percentDecoded(parts[1])
            else { throw .credentials }
            user = decodedUser.isEmpty ? nil : decodedUser
            password = decoded
            rest = rest[rest.index(after: at)...]
        }
        switch scheme {
        case "redis":
            let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let address = try Self.tcp(parts[0])
            let database = parts.count == 2 && !parts[1].isEmpty ? try Self.database(parts[1]) : 0
            self.init(address, user: user, password: password, database: database)
        case "unix":
            let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0].hasPrefix("/"), parts[0].utf8.count <= 107 else { throw .path }
            let isDatabase = parts.count == 2 && parts[1].hasPrefix("db=")
            guard parts.count == 1 || isDatabase else { throw .database }
            let database = isDatabase ? try Self.database(parts[1].dropFirst(3)) : 0
            self.init(.unix(path: String(parts[0])), user: user, password: password, database: database)
        default:
            throw .scheme
        }
    }

    /// The URL without its credentials.
    package var description: String {
        switch address {
        case .tcp(let host, let port): "redis://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unix(let path): "unix://\(path)\(database == 0 ? "" : "?db=\(database)")"
        }
    }

    /// The same as ``description``.
    package var debugDescription: String { description }

    private static func tcp(_ text: Substring) throws(RedisURLError) -> Address {
        var host = text
        var port: UInt16 = 6379
        // Colons inside the brackets of an IPv6 address do not start a port.
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { throw .port }
            host = text[..<colon]
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { throw .host }
        return .tcp(host: String(host), port: port)
    }

    private static func database(_ text: Substring) throws(RedisURLError) -> Int {
        guard let number = Int(text), number >= 0 else { throw .database }
        return number
    }
}

/// What is wrong with the text of a Redis URL.
package enum RedisURLError: Error, Equatable, Sendable {
    /// The scheme is neither `redis` nor `unix`.
    case scheme
    /// The part before `@` is not `[user]:password`, or badly percent-encoded.
    case credentials
    /// The host is missing.
    case host
    /// The port is not a number from 1 to 65535.
    case port
    /// The path of the unix socket is not absolute, or longer than 107 bytes.
    case path
    /// The database is not a number.
    case database
}

private func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
}

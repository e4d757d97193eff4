import CLinux
import EventLoop
import Glibc

/// The numeric address of one end of a stream.
package enum SocketAddress: Sendable, Hashable {
    /// An IPv4 address in host byte order.
    case ipv4(UInt32, port: UInt16)
    /// An IPv6 address as two halves in host byte order. IPv4-mapped addresses are always given as ``ipv4(_:port:)``.
    case ipv6(high: UInt64, low: UInt64, port: UInt16)
    /// The path of a unix socket; empty for the nameless end of a client.
    case unix(path: String)

    /// Reads a numeric IPv4 or IPv6 address; nil for a name that would have to be resolved.
    package init?(numeric host: String, port: UInt16) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            self = .ipv4(UInt32(bigEndian: four.s_addr), port: port)
        } else if inet_pton(AF_INET6, host, &six) == 1 {
            self.init(six, port: port)
        } else {
            return nil
        }
    }

    /// The port; 0 for a unix socket.
    package var port: UInt16 {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, let port): port
        case .unix: 0
        }
    }

    /// The numeric host without the port, or the path of a unix socket.
    package var host: String {
        switch self {
        case .ipv4(let address, _):
            return "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
        case .ipv6(let high, let low, _):
            var address = Self.address(high, low)
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
                inet_ntop(AF_INET6, &address, text.baseAddress, socklen_t(text.count))
                return String(cString: text.baseAddress!)
            }
        case .unix(let path):
            return path
        }
    }

    init(_ address: in6_addr, port: UInt16) {
        let (high, low) = withUnsafeBytes(of: address) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self =
            high == 0 && low >> 32 == 0xffff
            ? .ipv4(UInt32(truncatingIfNeeded: low), port: port) : .ipv6(high: high, low: low, port: port)
    }

    /// Nil for an address family that streams do not use.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        let address: SocketAddress? = withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET:
                let inet = bytes.load(as: sockaddr_in.self)
                return .ipv4(UInt32(bigEndian: inet.sin_addr.s_addr), port: UInt16(bigEndian: inet.sin_port))
            case AF_INET6:
                let inet = bytes.load(as: sockaddr_in6.self)
                return SocketAddress(inet.sin6_addr, port: UInt16(bigEndian: inet.sin6_port))
            case AF_UNIX:
                let path = bytes.dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }
                return .unix(path: String(decoding: path, as: UTF8.self))
            default:
                return nil
            }
        }
        guard let address else { return nil }
        self = address
    }

    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Lends the address to a system call.
    /// - Throws: ``SystemCallError`` (`ENAMETOOLONG`) for a unix path above the system's 107 bytes.
    func withSystemAddress<Value>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) throws(SystemCallError) -> Value {
        switch self {
        case .ipv4(let address, let port):
            var inet = sockaddr_in()
            inet.sin_family = sa_family_t(AF_INET)
            inet.sin_port = port.bigEndian
            inet.sin_addr.s_addr = address.bigEndian
            return lend(inet, MemoryLayout<sockaddr_in>.size, body)
        case .ipv6(let high, let low, let port):
            var inet = sockaddr_in6()
            inet.sin6_family = sa_family_t(AF_INET6)
            inet.sin6_port = port.bigEndian
            inet.sin6_addr = Self.address(high, low)
            return lend(inet, MemoryLayout<sockaddr_in6>.size, body)
        case .unix(let path):
            var unix = sockaddr_un()
            unix.sun_family = sa_family_t(AF_UNIX)
            guard path.utf8.count < MemoryLayout.size(ofValue: unix.sun_path), !path.isEmpty else {
                throw SystemCallError("unix socket path", code: ENAMETOOLONG)
            }
            withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: path.utf8) }
            return lend(unix, MemoryLayout<sockaddr_un>.size, body)
        }
    }

    private func lend<Address, Value>(
        _ address: Address, _ size: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        withUnsafeBytes(of: address) { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(size)) }
    }

    private static func address(_ high: UInt64, _ low: UInt64) -> in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `host:port`, with brackets around IPv6, or `unix:path`.
    package var description: String {
        switch self {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

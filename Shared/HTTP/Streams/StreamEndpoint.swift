import CLinux
import EventLoop
import Glibc

/// Where a stream listens or connects to.
package enum StreamEndpoint: Sendable, Hashable {
    /// A numeric address or a name, and a port; port 0 listens on any free one.
    case tcp(host: String, port: UInt16)
    /// A unix socket; at most 107 bytes of path.
    case unix(path: String)

    /// The addresses to try, in the resolver's order; names are resolved off the loop.
    func addresses() async throws(StreamError) -> [SocketAddress] {
        switch self {
        case .unix(let path):
            return [.unix(path: path)]
        case .tcp(let host, let port):
            if let address = SocketAddress(numeric: host, port: port) { return [address] }
            do {
                let found = try await Loop.offload { resolve(host, port) }
                guard !found.isEmpty else { throw StreamError.unknownHost(host) }
                return found
            } catch let error as StreamError {
                throw error
            } catch {
                throw .resolverBusy
            }
        }
    }
}

/// Why a stream could not be opened.
package enum StreamError: Error, Equatable, Sendable {
    /// The name has no address, or the resolver failed.
    case unknownHost(String)
    /// Too many names are being resolved already; try again later.
    case resolverBusy
    /// A system call failed (`ECONNREFUSED`, …), with its text.
    case system(SystemCallError)
    /// The connection was not there in time.
    case deadline
}

private func resolve(_ host: String, _ port: UInt16) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    return sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }.compactMap { entry in
        guard let info = entry?.pointee, let address = info.ai_addr else { return nil }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: min(Int(info.ai_addrlen), $0.count)))
        }
        return SocketAddress(storage)
    }
}

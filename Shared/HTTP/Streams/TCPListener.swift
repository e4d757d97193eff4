import CLinux
import EventLoop
import Glibc

/// A listening socket that hands out connected streams.
@Loop package final class TCPListener {
    /// Where it listens; the port is the one chosen by the system when 0 was asked for.
    package let address: SocketAddress

    private let fileDescriptor: Int32
    private let accepted: @Loop (TCPStream) -> Void
    private var watch: FileWatch?
    private var isPaused = false
    private var retry: LoopTimer?

    /// Listens at a numeric address or a unix path (a stale socket file there is replaced) and calls `accepted` with
    /// each new stream, whose handler it must set before returning.
    /// - Throws: ``SystemCallError``, for example `EADDRINUSE`; a name instead of a numeric address is `EINVAL`.
    package init(on endpoint: StreamEndpoint, accepted: @escaping @Loop (TCPStream) -> Void) throws(SystemCallError) {
        let wanted: SocketAddress
        switch endpoint {
        case .tcp(let host, let port):
            guard let address = SocketAddress(numeric: host, port: port) else {
                throw SystemCallError("listen at \(host)", code: EINVAL)
            }
            wanted = address
        case .unix(let path):
            unlink(path)
            wanted = .unix(path: path)
        }
        self.accepted = accepted
        (fileDescriptor, address) = try Self.open(wanted)
        watch = try Loop.watch(fileDescriptor, for: .read) { [weak self] _ in self?.acceptBatch() }
    }

    /// Leaves new connections in the system's queue until ``resume()``.
    package func pause() {
        isPaused = true
        watch?.update([])
    }

    /// Accepts again.
    package func resume() {
        isPaused = false
        if retry == nil { watch?.update(.read) }
    }

    /// Stops listening for good; connections that were not accepted yet are reset by the system.
    package func close() {
        guard let watch else { return }
        watch.cancel()
        self.watch = nil
        retry?.cancel()
        Glibc.close(fileDescriptor)
        if case .unix(let path) = address { unlink(path) }
    }

    private func acceptBatch() {
        for _ in 0..<64 where !isPaused && watch != nil {
            var peer = sockaddr_storage()
            let descriptor = ebon_accept_peer(fileDescriptor, &peer)
            guard descriptor >= 0 else {
                switch errno {
                case EAGAIN: return
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return backOff()
                default: continue
                }
            }
            do {
                accepted(try TCPStream(descriptor, peer: SocketAddress(peer) ?? .unix(path: "")))
            } catch {
                Glibc.close(descriptor)
            }
        }
    }

    /// Without descriptors the waiting connection stays readable: look again in a moment instead of spinning.
    private func backOff() {
        watch?.update([])
        retry = Loop.schedule(after: .milliseconds(100)) { [weak self] in
            guard let self else { return }
            retry = nil
            if !isPaused { watch?.update(.read) }
        }
    }

    private static func open(_ wanted: SocketAddress) throws(SystemCallError) -> (Int32, SocketAddress) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(wanted.family, type, 0)
        guard descriptor >= 0 else { throw SystemCallError("socket") }
        do throws(SystemCallError) {
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            let bound = try wanted.withSystemAddress { bind(descriptor, $0, $1) }
            guard bound == 0 else { throw SystemCallError("bind") }
            guard listen(descriptor, 4096) == 0 else { throw SystemCallError("listen") }
            var storage = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            withUnsafeMutablePointer(to: &storage) {
                _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
            }
            return (descriptor, SocketAddress(storage) ?? wanted)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }
}

import CLinux
import EventLoop
import Glibc

extension TCPStream {
    /// Connects to `endpoint`, trying each of its addresses in turn; the whole attempt, name resolution included, ends
    /// within `limit`.
    ///
    /// The stream reads from the next turn on: set its handler before the first suspension.
    package static func connect(
        to endpoint: StreamEndpoint, within limit: Duration
    ) async throws(StreamError) -> TCPStream {
        let deadline = LoopInstant.current + limit
        let resolved = Promise<[SocketAddress], StreamError>(deadline: deadline, failure: .deadline)
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            do throws(StreamError) {
                resolved.succeed(try await endpoint.addresses())
            } catch {
                resolved.fail(error)
            }
        }
        var failure = StreamError.deadline
        for address in try await resolved.value() {
            do throws(StreamError) {
                return try await connect(to: address, before: deadline)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private static func connect(
        to address: SocketAddress, before deadline: LoopInstant
    ) async throws(StreamError) -> TCPStream {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .system(SystemCallError("socket")) }
        do throws(StreamError) {
            try await establish(descriptor, address, deadline)
            do throws(SystemCallError) {
                return try TCPStream(descriptor, peer: address)
            } catch {
                throw .system(error)
            }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func establish(
        _ descriptor: Int32, _ address: SocketAddress, _ deadline: LoopInstant
    ) async throws(StreamError) {
        let connected = Promise<Void, StreamError>(deadline: deadline, failure: .deadline)
        do throws(SystemCallError) {
            let result = try address.withSystemAddress { Glibc.connect(descriptor, $0, $1) }
            if result == 0 { return }
            guard errno == EINPROGRESS else { throw SystemCallError("connect") }
            let watch = try Loop.watch(descriptor, for: .write) { _ in
                var code: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
                if code == 0 {
                    connected.succeed(())
                } else {
                    connected.fail(.system(SystemCallError("connect", code: code)))
                }
            }
            defer { watch.cancel() }
            do throws(StreamError) {
                try await connected.value()
            } catch {
                // Inside the outer block only system errors may leave; the promise remembers this one.
            }
        } catch {
            throw .system(error)
        }
        try await connected.value()
    }
}

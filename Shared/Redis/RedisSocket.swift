import CHiredis
import EventLoop
import Glibc

/// One established or establishing connection: bytes out, parsed replies in.
///
/// This stands on hiredis' connect functions and its reply reader rather than on its asynchronous layer, because that
/// one (0.14) asserts on unexpected pub/sub replies, leaks a callback per `PING` of a subscriber and resolves names on
/// the loop.
@Loop final class RedisSocket {
    private static let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)

    private var context: UnsafeMutablePointer<redisContext>?
    private var watch: FileWatch?
    private var output: [UInt8] = []
    private var written = 0
    private var isFlushScheduled = false
    private var isConnected = false
    private var isReading = false
    private let onReply: @Loop (UnsafePointer<redisReply>) -> Void
    private let onEnd: @Loop (String) -> Void

    /// Takes over a context from ``RedisSocket/connect(to:)``; `onEnd` is called once, unless ``close()`` came first.
    init(
        _ context: UnsafeMutablePointer<redisContext>, onReply: @escaping @Loop (UnsafePointer<redisReply>) -> Void,
        onEnd: @escaping @Loop (String) -> Void
    ) throws(SystemCallError) {
        self.onReply = onReply
        self.onEnd = onEnd
        watch = try Loop.watch(context.pointee.fd, for: [.read, .write]) { [weak self] in self?.ready($0) }
        self.context = context
    }

    /// Starts a connection; its failure shows in the context or as the socket's first event.
    static func connect(to address: RedisURL.Address) async -> UnsafeMutablePointer<redisContext>? {
        switch address {
        case .unix(let path):
            return redisConnectUnixNonBlock(path)
        case .tcp(let host, let port):
            // The name is resolved in here, which blocks; a pointer may not cross threads as such.
            let bits = try? await Loop.offload { UInt(bitPattern: redisConnectNonBlock(host, Int32(port))) }
            return bits.flatMap { UnsafeMutablePointer(bitPattern: $0) }
        }
    }

    var unsentBytes: Int { output.count - written }

    func send(_ arguments: [RedisArgument]) {
        output.append(command: arguments)
        guard isConnected, !isFlushScheduled else { return }
        isFlushScheduled = true
        Loop.atEndOfTurn { [weak self] in self?.flush() }
    }

    func close() {
        watch?.cancel()
        watch = nil
        if !isReading { free() }
    }

    private func free() {
        redisFree(context)
        context = nil
    }

    private func end(_ reason: String) {
        guard watch != nil else { return }
        close()
        onEnd(reason)
    }

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.write) {
            if !isConnected, !finishConnecting() { return }
            flush()
        }
        if readiness.contains(.read) { read() }
    }

    private func finishConnecting() -> Bool {
        guard let watch else { return false }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(watch.fileDescriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        guard code == 0 else {
            end(SystemCallError("connect", code: code).description)
            return false
        }
        isConnected = true
        return true
    }

    private func flush() {
        isFlushScheduled = false
        guard let watch else { return }
        while written < output.count {
            let count = output.withUnsafeBytes { bytes in
                write(watch.fileDescriptor, bytes.baseAddress! + written, bytes.count - written)
            }
            if count > 0 {
                written += count
            } else if errno == EAGAIN {
                return watch.update([.read, .write])
            } else if errno != EINTR {
                return end(SystemCallError("write").description)
            }
        }
        // A burst must not pin its peak of memory for the rest of the process' life.
        output.removeAll(keepingCapacity: output.capacity <= 1 << 20)
        written = 0
        watch.update(.read)
    }

    private func read() {
        guard let watch, let reader = context?.pointee.reader else { return }
        isReading = true
        let count = Glibc.read(watch.fileDescriptor, Self.input.baseAddress, Self.input.count)
        let failure = errno
        if count > 0 {
            deliver(count, to: reader)
        } else if count == 0 {
            end("closed by Redis")
        } else if failure != EAGAIN, failure != EINTR {
            end(SystemCallError("read", code: failure).description)
        }
        isReading = false
        if self.watch == nil { free() }
    }

    private func deliver(_ count: Int, to reader: UnsafeMutablePointer<redisReader>) {
        redisReaderFeed(reader, Self.input.baseAddress!.assumingMemoryBound(to: CChar.self), count)
        while watch != nil {
            var reply: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &reply) == REDIS_OK else { return end("protocol error") }
            guard let reply else { return }
            onReply(UnsafePointer(reply.assumingMemoryBound(to: redisReply.self)))
            freeReplyObject(reply)
        }
    }
}

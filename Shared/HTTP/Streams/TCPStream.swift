import CLinux
import EventLoop
import Glibc

/// A connected byte stream (TCP or unix socket) on the loop: events in, buffered bytes out.
///
/// An open stream keeps itself, and what its handler captures, alive until it is closed by ``close()``,
/// ``closeLingering(for:)``, ``abort()`` or ended by ``Event/failed(_:)``. After any of these no event is delivered.
@Loop package final class TCPStream {
    /// What happens to a stream, delivered to ``handler`` in order.
    package enum Event {
        /// Bytes have arrived; the view is valid for the length of the call.
        case bytes(ByteView)
        /// The peer will send no more; writing may go on. Close the stream when nothing is left to say.
        case end
        /// The buffered output has gone out entirely after it had reached ``highWaterMark``.
        case drained
        /// The stream broke and is closed already.
        case failed(SystemCallError)
    }

    /// The other end.
    package let peer: SocketAddress
    /// Receives the events; replacing it hands the stream over to a new owner.
    package var handler: (@Loop (Event) -> Void)?
    /// From how many unsent bytes on ``isCongested`` is true, and ``Event/drained`` follows.
    package var highWaterMark = 256 * 1024
    /// False as soon as the stream is closed or about to be closed.
    package private(set) var isOpen = true

    /// How many bytes the system has taken so far: the sign of life of a peer that reads.
    package private(set) var sentBytes = 0

    private let fileDescriptor: Int32
    private var watch: FileWatch?
    private var output = StreamOutput()
    private var wasCongested = false
    private var isPaused = false
    private var hasEnded = false
    private var isFlushQueued = false
    private var isFinished = false
    private var closeWhenSent = false
    private var isReleased = false
    private var closeTimer: LoopTimer?

    /// Takes over a connected, non-blocking descriptor.
    init(_ fileDescriptor: Int32, peer: SocketAddress) throws(SystemCallError) {
        self.fileDescriptor = fileDescriptor
        self.peer = peer
        if case .unix = peer {
        } else {
            var on: Int32 = 1
            setsockopt(fileDescriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        watch = try Loop.watch(fileDescriptor, for: .read) { self.ready($0) }
    }

    /// How many written bytes the system has not taken yet.
    package var bufferedBytes: Int { output.count }

    /// True while ``highWaterMark`` or more bytes wait: stop writing until ``Event/drained``. Nothing enforces it.
    package var isCongested: Bool { bufferedBytes >= highWaterMark }

    /// Bounds what the system keeps for this stream beside ``bufferedBytes``: by itself it grows to megabytes in each
    /// direction before a peer that does not read slows anybody down. The system rounds up, to twice as much.
    package func limitSystemBuffers(sending: Int? = nil, receiving: Int? = nil) {
        for (option, bytes) in [(SO_SNDBUF, sending), (SO_RCVBUF, receiving)] {
            guard var size = bytes.map(Int32.init(clamping:)) else { continue }
            setsockopt(fileDescriptor, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    /// Stops reading, so that the peer is slowed down by TCP itself.
    package func pauseReading() {
        isPaused = true
        updateInterest()
    }

    /// Goes on reading; bytes arrive from the next turn on.
    package func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        updateInterest()
    }

    /// Appends bytes to the output, which goes out at the end of the turn with everything else written in it.
    package func write(_ bytes: some Sequence<UInt8>) {
        append { $0.append(contentsOf: bytes) }
    }

    /// Lets `body` append to the output in place; it goes out at the end of the turn or with ``flush()``.
    func append(_ body: (inout [UInt8]) -> Void) {
        guard isOpen, !isFinished else { return }
        output.append(body)
        if isCongested { wasCongested = true }
        queueFlush()
    }

    /// Appends bytes that other streams send too, without a copy.
    func write(shared bytes: SharedBytes) {
        guard isOpen, !isFinished else { return }
        output.append(bytes)
        if isCongested { wasCongested = true }
        queueFlush()
    }

    /// Forgets what was written with ``write(shared:)`` and has not begun to go out.
    func dropUnbegun() { output.dropUnbegun() }

    /// Sends what is buffered now, as far as the system takes it. An error is reported at the end of the turn, never
    /// from within this call.
    package func flush() {
        guard send() == nil else { return queueFlush() }
        if isOpen || closeWhenSent { updateInterest() }
    }

    /// Ends this side's sending (TCP half-close) once the output is out; reading goes on.
    package func finishWriting() {
        guard isOpen, !isFinished else { return }
        isFinished = true
        if bufferedBytes == 0 { shutdown(fileDescriptor, Int32(SHUT_WR)) }
    }

    /// Sends what is buffered, for at most five seconds, and closes; input that arrives meanwhile is lost.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        handler = nil
        if send() != nil || bufferedBytes == 0 { return release() }
        closeWhenSent = true
        updateInterest()
        closeTimer = Loop.schedule(after: .seconds(5)) { self.release() }
    }

    /// Sends what is buffered, ends sending, then reads and drops until the peer closes or `duration` is over.
    ///
    /// Closing at once while the peer still sends would reset the connection and take the last answer from it.
    package func closeLingering(for duration: Duration) {
        guard isOpen else { return }
        finishWriting()
        isOpen = false
        guard send() == nil, !hasEnded || bufferedBytes > 0 else { return release() }
        closeWhenSent = hasEnded
        isPaused = false
        var budget = 1 << 20
        handler = { event in
            if case .bytes(let bytes) = event {
                budget -= bytes.count
                if budget < 0 { self.release() }
            } else if case .end = event {
                if self.bufferedBytes == 0 { self.release() } else { self.closeWhenSent = true }
            }
        }
        updateInterest()
        closeTimer = Loop.schedule(after: duration) { self.release() }
    }

    /// Closes at once; what is buffered is lost.
    package func abort() {
        isOpen = false
        release()
    }

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.write), bufferedBytes > 0 {
            flushAndReport()
            guard watch != nil else { return }
        }
        guard readiness.contains(.read) else { return }
        if !isPaused, !hasEnded, !closeWhenSent || isOpen {
            read()
        } else if readiness.contains(.closed) {
            hangUp()
        }
    }

    private func read() {
        let buffer = ReadBuffer.shared
        let count = recv(fileDescriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 {
            handler?(.bytes(ByteView(start: buffer.baseAddress, count: count)))
        } else if count == 0 {
            hasEnded = true
            updateInterest()
            handler?(.end)
        } else if errno != EAGAIN, errno != EINTR {
            fail(SystemCallError("recv"))
        }
    }

    /// The peer is gone while nobody reads: a level-triggered report that would otherwise repeat forever.
    private func hangUp() {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(fileDescriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        if code != 0 { return fail(SystemCallError("socket", code: code)) }
        watch?.cancel()
        watch = nil
        if !isOpen { release() }
    }

    private func updateInterest() {
        let reads = !isPaused && !hasEnded && (isOpen || !closeWhenSent)
        var interest: Readiness = reads ? .read : []
        if bufferedBytes > 0 { interest.insert(.write) }
        if let watch {
            watch.update(interest)
        } else if !isReleased, !interest.isEmpty {
            watch = try? Loop.watch(fileDescriptor, for: interest) { self.ready($0) }
        }
    }

    private func queueFlush() {
        guard !isFlushQueued else { return }
        isFlushQueued = true
        FlushQueue.add(self)
    }

    /// The end of the turn, and the socket's readiness, are where errors surface.
    fileprivate func flushAndReport() {
        isFlushQueued = false
        guard !isReleased else { return }
        if let error = send() { return fail(error) }
        guard !closeWhenSent || bufferedBytes > 0 else { return release() }
        updateInterest()
        if wasCongested, bufferedBytes == 0 {
            wasCongested = false
            handler?(.drained)
        }
    }

    private func send() -> SystemCallError? {
        guard !isReleased, bufferedBytes > 0 else { return nil }
        let count = output.send(to: fileDescriptor)
        if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : SystemCallError("send") }
        sentBytes &+= count
        if bufferedBytes == 0, isFinished { shutdown(fileDescriptor, Int32(SHUT_WR)) }
        return nil
    }

    private func fail(_ error: SystemCallError) {
        let handler = isOpen ? handler : nil
        abort()
        handler?(.failed(error))
    }

    private func release() {
        guard !isReleased else { return }
        isReleased = true
        handler = nil
        closeTimer?.cancel()
        closeTimer = nil
        watch?.cancel()
        watch = nil
        output = StreamOutput()
        Glibc.close(fileDescriptor)
    }
}

/// The streams that were written to in this turn.
@Loop private enum FlushQueue {
    static var streams: [TCPStream] = []

    static func add(_ stream: TCPStream) {
        if streams.isEmpty { Loop.atEndOfTurn { flushAll() } }
        streams.append(stream)
    }

    static func flushAll() {
        let written = streams
        streams.removeAll(keepingCapacity: true)
        for stream in written { stream.flushAndReport() }
    }
}

import CLinux

/// What a file descriptor is, or is wanted to be, ready for.
package struct Readiness: OptionSet, Sendable {
    /// The bits, private to this module's mapping from epoll.
    package let rawValue: UInt8
    /// Creates a set from its bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bytes, a connection, or the end of the stream can be read.
    package static let read = Readiness(rawValue: 1)
    /// Bytes can be written, or a connection attempt has ended.
    package static let write = Readiness(rawValue: 2)
    /// The peer is gone or the descriptor failed; reported whether wanted or not, together with `read` and `write`
    /// so that the owner meets the error at its next call.
    package static let closed = Readiness(rawValue: 4)

    var epollEvents: UInt32 {
        (contains(.read) ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0) | (contains(.write) ? EPOLLOUT.rawValue : 0)
    }

    init(epollEvents: UInt32) {
        var readiness: Readiness = []
        if epollEvents & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { readiness.insert(.read) }
        if epollEvents & EPOLLOUT.rawValue != 0 { readiness.insert(.write) }
        if epollEvents & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { readiness.formUnion([.closed, .read, .write]) }
        self = readiness
    }
}

/// A file descriptor's registration with the loop, ended by ``cancel()``; the descriptor itself stays its owner's.
@Loop package final class FileWatch {
    /// The watched descriptor.
    package let fileDescriptor: Int32
    /// What the handler is called for; `[]` silences everything but the peer's disappearance.
    package private(set) var interest: Readiness

    let generation: UInt32
    private(set) var handler: (@Loop (Readiness) -> Void)?
    private let executor: LoopExecutor

    init(
        _ fileDescriptor: Int32, generation: UInt32, interest: Readiness, executor: LoopExecutor,
        handler: @escaping @Loop (Readiness) -> Void
    ) {
        self.fileDescriptor = fileDescriptor
        self.generation = generation
        self.interest = interest
        self.executor = executor
        self.handler = handler
    }

    /// Changes what the handler is called for; costs a system call only if it differs.
    package func update(_ interest: Readiness) {
        guard handler != nil, interest != self.interest else { return }
        self.interest = interest
        executor.modify(self)
    }

    /// Ends the watch: the handler is never called again, and the descriptor may be closed or watched anew. Call it
    /// before `close(2)`.
    package func cancel() {
        guard handler != nil else { return }
        handler = nil
        executor.remove(self)
    }
}

import Dispatch
import Glibc
import Synchronization

/// Writes lines to a descriptor on its own thread: a reader that stalls must not stall the event loop.
///
/// While the reader is behind, up to 1 MiB waits; further lines are dropped and counted.
final class LogWriter: Sendable {
    private struct Pending {
        var bytes: [UInt8] = []
        var dropped = 0
    }

    private static let limit = 1 << 20
    private let pending = Mutex(Pending())
    private let queue = DispatchQueue(label: "log")
    private let write: @Sendable ([UInt8]) -> Void

    init(_ write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

    /// The writer of the process' standard error.
    static let standardError = LogWriter { bytes in
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(STDERR_FILENO, $0.baseAddress! + written, $0.count - written)
            }
            if count < 0 && errno != EINTR { return }
            written += max(0, count)
        }
    }

    /// How many lines nobody will ever read.
    var dropped: Int { pending.withLock { $0.dropped } }

    func append(_ line: [UInt8]) {
        let wake = pending.withLock { pending in
            guard pending.bytes.count + line.count <= Self.limit else {
                pending.dropped += 1
                return false
            }
            pending.bytes += line
            return pending.bytes.count == line.count
        }
        if wake { queue.async { self.drain() } }
    }

    /// Waits until everything appended so far has been written, at most `timeout`.
    func flush(timeout: DispatchTimeInterval) {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + timeout)
    }

    private func drain() {
        write(
            pending.withLock { pending in
                defer { pending.bytes = [] }
                return pending.bytes
            })
    }
}

import Dispatch

/// Why work could not be handed to the thread pool.
package enum OffloadError: Error, Equatable {
    /// As many pieces of work wait as the pool's queue holds; answer "try again later".
    case queueFull
}

extension Loop {
    /// Runs blocking or CPU-heavy work (password hashing, name resolution) on a small thread pool and comes back.
    ///
    /// At most 4 pieces run at once and 256 wait, in order of arrival.
    /// - Throws: ``OffloadError/queueFull`` at once instead of waiting without a bound.
    @Loop package static func offload<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value
    ) async throws(OffloadError) -> Value {
        let promise = Promise<Value, OffloadError>()
        try OffloadPool.shared.submit {
            let value = work()
            Task(executorPreference: Loop.executor) { @Loop in
                OffloadPool.shared.finished()
                promise.succeed(value)
            }
        }
        return try await promise.value()
    }
}

@Loop private final class OffloadPool {
    static let shared = OffloadPool()
    private let queue = DispatchQueue(label: "offload", attributes: .concurrent)
    private var running = 0
    private var waiting: [@Sendable () -> Void] = []

    func submit(_ work: @escaping @Sendable () -> Void) throws(OffloadError) {
        if running < 4 {
            running += 1
            queue.async(execute: work)
        } else if waiting.count < 256 {
            waiting.append(work)
        } else {
            throw .queueFull
        }
    }

    func finished() {
        if waiting.isEmpty {
            running -= 1
        } else {
            queue.async(execute: waiting.removeFirst())
        }
    }
}

/// The only place that waits: one epoll loop on one thread per process, which is also the Swift executor of everything
/// annotated `@Loop`.
///
/// State that is isolated to `@Loop` needs no locks, and awaiting another `@Loop` function costs no hop. A `@Loop`
/// function that blocks stops the whole process: blocking or CPU-heavy work belongs into ``offload(_:)``.
@globalActor
package actor Loop {
    /// The actor instance that Swift's global-actor machinery asks for; not meant to be called.
    package static let shared = Loop()

    /// The executor of every `@Loop` function: the event loop's own thread.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        LoopExecutor.process.asUnownedSerialExecutor()
    }

    /// The loop as a task executor, which every task of the process is to prefer: `Task(executorPreference:)`.
    ///
    /// A task without this preference resumes on Swift's global pool, although its code is `@Loop`, and hops to the loop
    /// from there: two thread switches, 11 us of processor time a wait instead of 0.7 us.
    package static var executor: any TaskExecutor { LoopExecutor.process }

    /// The monotonic time, read once per loop turn; deadlines are computed from it.
    @Loop package static var now: LoopInstant { LoopExecutor.process.now }

    /// Calls `action` on the loop once `delay` has passed (4 ms resolution, never early), unless cancelled.
    @Loop @discardableResult
    package static func schedule(after delay: Duration, _ action: @escaping @Loop () -> Void) -> LoopTimer {
        LoopExecutor.process.schedule(at: LoopInstant.current.advanced(by: delay), action)
    }

    /// Calls `action` on the loop at `instant`, at once if it has passed.
    @Loop @discardableResult
    package static func schedule(at instant: LoopInstant, _ action: @escaping @Loop () -> Void) -> LoopTimer {
        LoopExecutor.process.schedule(at: instant, action)
    }

    /// Watches a non-blocking file descriptor (level-triggered) until the watch is cancelled.
    ///
    /// The descriptor must not be watched already and must stay open until ``FileWatch/cancel()``.
    /// - Throws: ``SystemCallError`` when epoll refuses the descriptor.
    @Loop package static func watch(
        _ fileDescriptor: Int32, for interest: Readiness, _ handler: @escaping @Loop (Readiness) -> Void
    ) throws(SystemCallError) -> FileWatch {
        try LoopExecutor.process.watch(fileDescriptor, for: interest, handler)
    }

    /// Calls `action` once when all ready work of this turn has run, before the loop waits again: the place to flush
    /// what the turn has appended to an output buffer with one system call.
    @Loop package static func atEndOfTurn(_ action: @escaping @Loop () -> Void) {
        LoopExecutor.process.endOfTurn.append(action)
    }

    /// Suspends the caller for `duration`.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    @Loop package static func sleep(for duration: Duration) async throws(CancellationError) {
        let promise = Promise<Void, CancellationError>()
        let timer = schedule(after: duration) { promise.succeed(()) }
        defer { timer.cancel() }
        try await promise.value(onCancel: CancellationError())
    }

    /// Runs `body` for a C function that calls back on the loop's thread; ends the process on any other thread.
    package nonisolated static func assumeIsolated<Value>(_ body: @Loop () -> Value) -> Value {
        LoopExecutor.process.checkIsolated()
        return withoutActuallyEscaping(body) { unsafeBitCast($0, to: (() -> Value).self)() }
    }
}

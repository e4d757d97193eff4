/// A value that arrives once: one side fulfils it from a callback, the other awaits it.
///
/// The first of ``succeed(_:)``, ``fail(_:)``, the deadline and the cancellation of the waiting task decides; what
/// comes later is ignored. At most one task may wait.
@Loop package final class Promise<Value: Sendable, Failure: Error> {
    private var outcome: Result<Value, Failure>?
    private var waiter: UnsafeContinuation<Void, Never>?
    private var timer: LoopTimer?

    /// A promise that waits for as long as nobody fulfils it.
    package init() {}

    /// A promise that fails with `failure` unless it is fulfilled by `deadline`.
    package init(deadline: LoopInstant, failure: Failure) {
        timer = Loop.schedule(at: deadline) { [weak self] in self?.fail(failure) }
    }

    /// True as soon as the outcome is decided.
    package var isSettled: Bool { outcome != nil }

    /// Fulfils the promise; false when it was settled before.
    @discardableResult
    package func succeed(_ value: sending Value) -> Bool { settle(.success(value)) }

    /// Fails the promise; false when it was settled before.
    @discardableResult
    package func fail(_ failure: Failure) -> Bool { settle(.failure(failure)) }

    /// The outcome, awaited if necessary. A cancelled task keeps waiting: use a deadline to bound it.
    package func value() async throws(Failure) -> Value {
        if outcome == nil {
            precondition(waiter == nil, "a promise has one waiter")
            await withUnsafeContinuation { waiter = $0 }
        }
        return try outcome!.get()
    }

    /// The outcome, or `failure` as soon as the waiting task is cancelled.
    package func value(onCancel failure: Failure) async throws(Failure) -> Value {
        if outcome == nil {
            await withTaskCancellationHandler {
                if Task.isCancelled { fail(failure) }
                guard outcome == nil else { return }
                precondition(waiter == nil, "a promise has one waiter")
                await withUnsafeContinuation { waiter = $0 }
            } onCancel: {
                Task(executorPreference: Loop.executor) { @Loop in self.fail(failure) }
            }
        }
        return try outcome!.get()
    }

    private func settle(_ result: Result<Value, Failure>) -> Bool {
        guard outcome == nil else { return false }
        outcome = result
        timer?.cancel()
        timer = nil
        waiter?.resume()
        waiter = nil
        return true
    }
}

import EventLoop

/// A part of a process with a beginning and an end. The order of a service's components is the order of their start;
/// they are stopped in reverse.
package struct Component: Sendable {
    /// What it is called in the log.
    package let name: String
    let start: @Loop @Sendable () async throws -> Void
    let stop: @Loop @Sendable (LoopInstant) async -> Void

    /// A component of two functions, either of which may be left out.
    ///
    /// - Parameters:
    ///   - start: returns once the component serves; an error ends the process with exit code 1. It is cancelled when
    ///     the process is told to stop meanwhile.
    ///   - stop: is called if `start` has succeeded; accepts nothing new, finishes what runs, releases what it holds,
    ///     and gives up at the deadline.
    package init(
        _ name: String, start: @escaping @Loop @Sendable () async throws -> Void = {},
        stop: @escaping @Loop @Sendable (_ deadline: LoopInstant) async -> Void = { _ in }
    ) {
        self.name = name
        self.start = start
        self.stop = stop
    }

    /// A component that runs `work` at its start and then every `interval`, never twice at a time.
    ///
    /// An error is logged and the next turn comes as usual. Stopping cancels the wait and lets a running turn finish,
    /// within the deadline.
    package static func periodic(
        _ name: String, every interval: Duration, _ work: @escaping @Loop @Sendable () async throws -> Void
    ) -> Component {
        let repetition = Repetition(name: name, interval: interval, work: work)
        return Component(name) {
            repetition.start()
        } stop: {
            await repetition.stop(deadline: $0)
        }
    }
}

@Loop private final class Repetition {
    private let name: String
    private let interval: Duration
    private let work: @Loop @Sendable () async throws -> Void
    private var timer: LoopTimer?
    private var running = false
    private var stopped = false
    private var finished: Promise<Void, DeadlinePassed>?

    nonisolated init(name: String, interval: Duration, work: @escaping @Loop @Sendable () async throws -> Void) {
        self.name = name
        self.interval = interval
        self.work = work
    }

    func start() {
        Task.immediate(executorPreference: Loop.executor) { @Loop in await turn() }
    }

    func stop(deadline: LoopInstant) async {
        stopped = true
        timer?.cancel()
        timer = nil
        guard running else { return }
        let finished = Promise<Void, DeadlinePassed>(deadline: deadline, failure: DeadlinePassed())
        self.finished = finished
        try? await finished.value()
    }

    private func turn() async {
        running = true
        do {
            try await work()
        } catch {
            Log.error("periodic work failed", ["component": name, "error": String(describing: error)])
        }
        running = false
        finished?.succeed(())
        guard !stopped else { return }
        timer = Loop.schedule(after: interval) { [weak self] in
            Task.immediate(executorPreference: Loop.executor) { @Loop in await self?.turn() }
        }
    }
}

private struct DeadlinePassed: Error {}

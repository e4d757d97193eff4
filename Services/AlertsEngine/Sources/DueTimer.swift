import EventLoop
import ServiceRuntime

/// Has the announcer look when a device's time comes.
///
/// It never sleeps long: other replicas write due times, too, and may die before those come, and clocks are set.
@Loop final class DueTimer {
    private static let longestSleep = Duration.seconds(5)

    /// Answers as ``Announcer/announceDue()`` does.
    private let look: @Loop () async throws -> Duration?
    private var timer: LoopTimer?
    private var wakesAt = LoopInstant.current
    private var isStarted = false
    private var isRunning = false
    private var stopping: Promise<Void, Never>?

    init(look: @escaping @Loop () async throws -> Duration?) { self.look = look }

    nonisolated var component: Component {
        Component("due devices") {
            self.start()
        } stop: {
            await self.stop(deadline: $0)
        }
    }

    func start() {
        isStarted = true
        wakesAt = .current
        arm()
    }

    func stop(deadline: LoopInstant) async {
        isStarted = false
        timer?.cancel()
        guard isRunning else { return }
        let stopping = Promise<Void, Never>()
        self.stopping = stopping
        let timer = Loop.schedule(at: deadline) { stopping.succeed(()) }
        await stopping.value()
        timer.cancel()
    }

    /// Sleeps no longer than `delay` from now on.
    func wake(within delay: Duration) {
        let instant = LoopInstant.current + delay
        guard isStarted, instant < wakesAt else { return }
        wakesAt = instant
        if !isRunning { arm() }
    }

    private func arm() {
        timer?.cancel()
        timer = Loop.schedule(at: wakesAt) { [weak self] in
            Task.immediate(executorPreference: Loop.executor) { @Loop in await self?.turn() }
        }
    }

    private func turn() async {
        isRunning = true
        wakesAt = LoopInstant.current + Self.longestSleep
        var pause = Duration.zero
        while pause == .zero && isStarted {
            do {
                pause = try await look() ?? Self.longestSleep
            } catch {
                Log.warning("devices that are due wait", ["error": String(describing: error)])
                pause = .seconds(1)
            }
        }
        isRunning = false
        stopping?.succeed(())
        guard isStarted else { return }
        wakesAt = min(wakesAt, LoopInstant.current + pause)
        arm()
    }
}

import EventLoop

/// What a process offers to its own components: who it is, its metrics, its readiness, its end.
@Loop package final class Runtime {
    /// The service's name, for example `gateway`.
    package nonisolated let service: String
    /// This process among the service's replicas: 1 to 64 characters of `A-Za-z0-9_.-`.
    package nonisolated let instance: String
    /// The process' metrics, served on `/metrics`.
    package let metrics = Metrics()
    /// True as soon as the process has been told to stop; it takes on nothing new then.
    package private(set) var isStopping = false

    private var checks: [(name: String, check: @Loop () async -> ReadinessState)] = []
    private(set) var announcements: [(name: String, port: Int)] = []
    private let ending: Promise<ExitCode, Never>

    /// A runtime that fulfils `ending` when a component declares the process beyond repair.
    init(service: String, instance: String, ending: Promise<ExitCode, Never> = Promise()) {
        self.service = service
        self.instance = instance
        self.ending = ending
    }

    /// Adds a condition without which the process should get no work. The check runs at every `/readyz` and must
    /// answer at once from what it knows; after a second it counts as failed.
    package func addReadinessCheck(_ name: String, _ check: @escaping @Loop () async -> ReadinessState) {
        checks.append((name, check))
    }

    /// Adds a port to the file that tells the outside where this process listens (`READY_FILE`); call it in `start`.
    package func announce(_ name: String, port: Int) { announcements.append((name, port)) }

    /// Declares that the process cannot go on: it stops in order and exits with 1.
    package func fail(_ reason: String) {
        Log.error(reason)
        ending.succeed(.failure)
    }

    func beginStopping() { isStopping = true }

    /// The state of every check, in the order of their registration.
    func readiness() async -> [(name: String, state: ReadinessState)] {
        if isStopping { return [("process", .unready("stopping"))] }
        var states: [(name: String, state: ReadinessState)] = []
        for (name, check) in checks {
            let promise = Promise<ReadinessState, Never>()
            let timer = Loop.schedule(after: .seconds(1)) { promise.succeed(.unready("no answer within a second")) }
            Task.immediate(executorPreference: Loop.executor) { @Loop in promise.succeed(await check()) }
            states.append((name, await promise.value()))
            timer.cancel()
        }
        return states
    }
}

/// Whether a part of the process can do its work.
package enum ReadinessState: Sendable, Equatable {
    /// It can.
    case ready
    /// It cannot, because of this; shown to operators only.
    case unready(String)
}

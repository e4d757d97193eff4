import EventLoop
import Glibc

/// One process from the wiring of its components to its exit code.
@Loop final class ServiceProcess {
    private let settings: RuntimeSettings
    private let ending = Promise<ExitCode, Never>()
    private let runtime: Runtime
    private var signals: StopSignals?

    init(service: String, instance: String, settings: RuntimeSettings) {
        self.settings = settings
        runtime = Runtime(service: service, instance: instance, ending: ending)
    }

    /// Starts what `build` wires, waits for the end, stops it.
    func run(_ build: @escaping @Loop @Sendable (Runtime) async throws -> [Component]) async -> ExitCode {
        signals = StopSignals { [unowned self] in stopRequested() }
        let starting = Task { @Loop in await start(build) }
        let code = await ending.value()
        runtime.beginStopping()
        starting.cancel()
        let deadline = Loop.now + settings.drainTimeout
        Loop.schedule(at: deadline) {
            Log.error("stopping took too long")
            ServiceMain.leave(.failure)
        }
        await starting.value?.stop(deadline: deadline)
        Log.info("stopped", ["exitCode": code.rawValue])
        return code
    }

    private func start(_ build: @Loop (Runtime) async throws -> [Component]) async -> Lifecycle? {
        var lifecycle: Lifecycle?
        do {
            let started = Lifecycle(try await build(runtime))
            lifecycle = started
            try await started.start()
            Log.info("started")
        } catch {
            if !runtime.isStopping { runtime.fail("cannot start: \(error)") }
        }
        return lifecycle
    }

    private func stopRequested() {
        if ending.succeed(.success) {
            Log.info("stopping")
        } else {
            Log.error("told to stop twice, leaving at once")
            ServiceMain.leave(.failure)
        }
    }
}

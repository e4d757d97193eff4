import EventLoop

/// One process from the wiring of its components to its exit code.
@Loop final class ServiceProcess {
    private let settings: RuntimeSettings
    private let ending = Promise<ExitCode, Never>()
    private let runtime: Runtime
    private let port: InternalPort
    private let lag: LoopLag
    private var signals: StopSignals?
    private var isStarted = false

    init(service: String, instance: String, settings: RuntimeSettings) {
        self.settings = settings
        runtime = Runtime(service: service, instance: instance, ending: ending)
        port = InternalPort(runtime: runtime, endpoint: settings.internalEndpoint)
        lag = LoopLag(metrics: runtime.metrics)
        addProcessMetrics(to: runtime.metrics, service: service, instance: instance)
    }

    /// Starts what `build` wires, waits for the end, stops it.
    func run(_ build: @escaping @Loop @Sendable (Runtime) async throws -> [Component]) async -> ExitCode {
        signals = StopSignals { [unowned self] in stopRequested() }
        lag.start()
        let starting = Task.immediate(executorPreference: Loop.executor) { @Loop in await start(build) }
        let code = await ending.value()
        runtime.beginStopping()
        starting.cancel()
        settings.readyFile?.remove()
        let deadline = LoopInstant.current + settings.drainTimeout
        Loop.schedule(at: deadline) {
            Log.error("stopping took too long")
            ServiceMain.leave(.failure)
        }
        await starting.value?.stop(deadline: deadline)
        await port.close()
        Log.info("stopped", ["exitCode": code.rawValue])
        return code
    }

    private func start(_ build: @Loop (Runtime) async throws -> [Component]) async -> Lifecycle? {
        var lifecycle: Lifecycle?
        do {
            // The port opens first and closes last: a start or a drain that hangs can be looked at.
            let internalPort = try port.open()
            runtime.addReadinessCheck("process") { [unowned self] in isStarted ? .ready : .unready("starting") }
            let started = Lifecycle(try await build(runtime))
            lifecycle = started
            try await started.start()
            isStarted = true
            Log.info("started", ["internalPort": internalPort])
            try await announce(internalPort)
        } catch {
            if !runtime.isStopping { runtime.fail("cannot start: \(error)") }
        }
        return lifecycle
    }

    private func announce(_ internalPort: Int) async throws {
        guard let file = settings.readyFile else { return }
        while await runtime.readiness().contains(where: { $0.state != .ready }) {
            try await Loop.sleep(for: .milliseconds(20))
        }
        try file.write(internalPort: internalPort, ports: runtime.announcements)
        Log.info("ready")
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

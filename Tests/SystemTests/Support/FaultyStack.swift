import EventLoop
import JSON
import TestSupport
import Testing

/// The stack whose processes are killed: two dispatchers, gateways and alert engines each, a dozen busy devices.
@Loop struct FaultyStack {
    let stack: Stack
    let devices: [String]

    private static var started: Task<FaultyStack, any Error>?

    static func shared() async throws -> FaultyStack {
        if let started { return try await started.value }
        let task = Task { @Loop in try await FaultyStack.start() }
        started = task
        return try await task.value
    }

    /// Runs a stream of receipts of all devices with faults, and checks that everything came out, once.
    static func stream(
        _ name: String, of count: Int = 6, every interval: Int = 6,
        fault: @escaping @Loop (Int, FaultyStack) async throws -> Void
    ) async throws {
        let shared = try await shared()
        let stream = try ReceiptStream(name, shared.stack, devices: shared.devices)
        let ordered = try await stream.run(of: count, every: interval) { number in try await fault(number, shared) }
        try await Invariants.check(shared.stack)
        try await shared.expectPrinted(ordered)
    }

    /// Faults of this length cost time, and nothing else.
    private func expectPrinted(_ ordered: [String]) async throws {
        let books = Books(stack)
        let commands = try await books.commands().filter { ordered.contains($0.id) }
        await books.close()
        let prints = try await ShopFloor(stack: stack).devices().values.reduce(into: [:]) {
            $0.merge($1.prints) { $0 + $1 }
        }
        #expect(Set(ordered).count == ordered.count)
        #expect(commands.filter { $0.status != "completed" }.map { "\($0.id) \($0.status) \($0.outcome ?? "-")" } == [])
        #expect(ordered.filter { prints[$0] != 1 } == [])
    }

    private static func start() async throws -> FaultyStack {
        var options = Stack.Options(scale: ["gateway": 2, "command-dispatcher": 2, "alerts-engine": 2])
        options.environment["COMMAND_TIME_LIMIT_SECONDS"] = "60"
        let stack = try await Stack.start(options)
        var devices: [String] = []
        let cloud = try Cloud(stack)
        for number in 1...12 { devices.append(try await cloud.register("Casa \(number)")) }
        try await stack.startDevices(
            devices, environment: ["VIRTUAL_DEVICE_LATENCY_MS": "150", "VIRTUAL_DEVICE_SEED": "1"])
        return FaultyStack(stack: stack, devices: devices)
    }

    /// Kills a process as soon as it runs.
    func kill(_ name: String) async throws {
        let killed: Bool? = await eventually(within: .seconds(20)) { (try? stack.kill(name)) == nil ? nil : true }
        if killed == nil { throw Stack.Failure.notRunning(name) }
    }
}

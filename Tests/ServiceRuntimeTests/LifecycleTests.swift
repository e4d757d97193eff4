import EventLoop
import Testing

@testable import ServiceRuntime

@Suite("The order of a process' components") @Loop struct LifecycleTests {
    private final class Journal {
        var entries: [String] = []
        nonisolated init() {}
    }

    private let journal = Journal()

    @Test("components start in order and stop in reverse, each with the same deadline")
    func order() async throws {
        let lifecycle = Lifecycle(["database", "bus", "port"].map { component($0) })
        try await lifecycle.start()
        await lifecycle.stop(deadline: LoopInstant(nanoseconds: 7))
        #expect(
            journal.entries == ["+database", "+bus", "+port", "-port 7", "-bus 7", "-database 7"])
    }

    @Test("a component that cannot start ends the start, and only the started ones are stopped")
    func startFails() async throws {
        let failing = Component("bus") {
            throw Refused()
        } stop: { _ in
            Issue.record("stopped what never started")
        }
        let lifecycle = Lifecycle([component("database"), failing, component("port")])
        let error = await #expect(throws: StartError.self) { try await lifecycle.start() }
        #expect(error?.component == "bus")
        #expect(error?.description == "bus: refused")
        await lifecycle.stop(deadline: LoopInstant(nanoseconds: 1))
        #expect(journal.entries == ["+database", "-database 1"])
    }

    @Test("a cancelled start goes no further")
    func cancelledStart() async {
        let lifecycle = Lifecycle([component("database")])
        let start = Task { @Loop in try await lifecycle.start() }
        start.cancel()
        await #expect(throws: CancellationError.self) { try await start.value }
        #expect(journal.entries == [])
    }

    @Test("stopping twice stops once")
    func stopTwice() async throws {
        let lifecycle = Lifecycle([component("database")])
        try await lifecycle.start()
        await lifecycle.stop(deadline: LoopInstant(nanoseconds: 1))
        await lifecycle.stop(deadline: LoopInstant(nanoseconds: 2))
        #expect(journal.entries == ["+database", "-database 1"])
    }

    @Test("periodic work starts at once and repeats, whatever its errors")
    func periodic() async throws {
        let journal = journal
        let third = Promise<Void, Never>()
        let component = Component.periodic("sweep", every: .milliseconds(4)) {
            journal.entries.append("turn")
            if journal.entries.count == 3 { third.succeed(()) }
            throw Refused()
        }
        try await component.start()
        #expect(journal.entries == ["turn"])
        await third.value()
        await component.stop(Loop.now + .seconds(1))
    }

    @Test("stopping periodic work waits for the running turn, and no longer than the deadline")
    func periodicDrain() async throws {
        let gate = Promise<Void, Never>()
        let component = Component.periodic("sweep", every: .seconds(3600)) { await gate.value() }
        try await component.start()
        let started = LoopInstant.current
        await component.stop(started + .milliseconds(20))
        #expect(LoopInstant.current - started >= .milliseconds(20))
        gate.succeed(())
    }

    private func component(_ name: String) -> Component {
        let journal = journal
        return Component(name) {
            journal.entries.append("+\(name)")
        } stop: { deadline in
            journal.entries.append("-\(name) \(deadline.nanoseconds)")
        }
    }
}

private struct Refused: Error, CustomStringConvertible {
    var description: String { "refused" }
}

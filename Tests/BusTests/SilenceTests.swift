import EventLoop
import Models
import TestSupport
import Testing

@testable import Bus

@Suite("An instance that falls silent", .timeLimit(.minutes(1))) @Loop struct SilenceTests {
    @Test("is not waited for by a call that is not patient, and is by one that is")
    func impatience() async throws {
        try await BusFixture.run { fixture in
            let release = Promise<Void, Never>()
            _ = try await fixture.start(.gateway, "frozen", handlers: ["wait": waiting(for: release)])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let outcomes = Outcomes()
            for isPatient in [true, false] {
                edge.call(.to("wait"), to: .gateway, isPatient: isPatient) { outcomes.add(isPatient, $0) }
            }
            silence(edge)
            #expect(outcomes.results[false] == .failure(.noAnswer))
            #expect(outcomes.results[true] == nil)
            release.succeed(())
            #expect(await eventually { outcomes.results[true] } == .success(.text("late")))
        }
    }

    @Test("leaves its repeatable calls to another one")
    func repetition() async throws {
        try await BusFixture.run { fixture in
            let never = Promise<Void, Never>()
            let frozen = try await fixture.start(.gateway, "frozen", handlers: ["who": waiting(for: never)])
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            let outcomes = Outcomes()
            edge.call(.to("who"), to: .gateway, isRepeatable: true, isPatient: false) { outcomes.add(false, $0) }
            #expect(await eventually { frozen.runningRequests == 1 ? true : nil } == true)
            _ = try await fixture.start(.gateway, "alive", handlers: ["who": { _ in .text("alive") }])
            silence(edge, but: "alive")
            #expect(await eventually { outcomes.results[false] } == .success(.text("alive")))
            never.succeed(())
        }
    }

    @Test("stays known to a process that was itself held up")
    func heldUp() async throws {
        try await BusFixture.run { fixture in
            _ = try await fixture.start(.gateway, "a")
            let edge = try await fixture.start(.edgeRouter, "edge-1")
            edge.registration.forgetSilent(at: Loop.now + .seconds(60))
            #expect(edge.instances(of: .gateway).map(\.id) == ["a"])
        }
    }

    private func waiting(for promise: Promise<Void, Never>) -> @Loop (BusRequest) async -> BusReply {
        { _ in
            await promise.value()
            return .text("late")
        }
    }

    /// Lets four seconds pass in which only one is heard of.
    private func silence(_ bus: Bus, but loud: String? = nil) {
        let start = Loop.now
        for second in 1...4 {
            let now = start + .seconds(second)
            if let loud {
                bus.registration.received(Instance(service: .gateway, id: loud, load: 0).json(), at: now)
            }
            bus.registration.forgetSilent(at: now)
        }
    }
}

@Loop private final class Outcomes {
    private(set) var results: [Bool: Result<BusReply, BusError>] = [:]

    func add(_ isPatient: Bool, _ result: Result<BusReply, BusError>) { results[isPatient] = result }
}

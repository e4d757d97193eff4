import EventLoop
import Testing

@testable import ServiceRuntime

@Suite("A process' runtime") @Loop struct RuntimeTests {
    @Test("readiness is every check with its name, in the order of registration")
    func readiness() async {
        let runtime = Runtime(service: "edge", instance: "e1")
        runtime.addReadinessCheck("postgres") { .ready }
        runtime.addReadinessCheck("redis") { .unready("no connection") }
        let states = await runtime.readiness()
        #expect(states.map(\.name) == ["postgres", "redis"])
        #expect(states.map(\.state) == [.ready, .unready("no connection")])
    }

    @Test("a check that does not answer counts as failed")
    func hangingCheck() async {
        let runtime = Runtime(service: "edge", instance: "e1")
        let never = Promise<ReadinessState, Never>()
        runtime.addReadinessCheck("stuck") { await never.value() }
        #expect(await runtime.readiness().map(\.state) == [.unready("no answer within a second")])
        never.succeed(.ready)
    }

    @Test("a stopping process is not ready, whatever its parts say")
    func stopping() async {
        let runtime = Runtime(service: "edge", instance: "e1")
        runtime.addReadinessCheck("postgres") { .ready }
        runtime.beginStopping()
        #expect(await runtime.readiness().map(\.state) == [.unready("stopping")])
    }

    @Test("a component that gives up ends the process with a failure")
    func givesUp() async {
        let ending = Promise<ExitCode, Never>()
        Runtime(service: "edge", instance: "e1", ending: ending).fail("the disk is full")
        #expect(await ending.value() == .failure)
    }
}

import EventLoop
import Glibc
import Testing

@Suite("The event loop") @Loop struct LoopTests {
    @Test("fires timers in the order of their deadlines, whatever the order of arming")
    func timerOrder() async throws {
        var fired: [Int] = []
        let done = Promise<Void, Never>()
        for delay in [40, 8, 300, 20] {
            Loop.schedule(after: .milliseconds(delay)) {
                fired.append(delay)
                if fired.count == 4 { done.succeed(()) }
            }
        }
        await done.value()
        #expect(fired == [8, 20, 40, 300])
    }

    @Test("never fires a timer early")
    func neverEarly() async throws {
        let start = LoopInstant.current
        try await Loop.sleep(for: .milliseconds(37))
        #expect(LoopInstant.current - start >= .milliseconds(37))
    }

    @Test("does not fire a cancelled timer")
    func cancelledTimer() async throws {
        var fired = false
        let timer = Loop.schedule(after: .milliseconds(8)) { fired = true }
        timer.cancel()
        try await Loop.sleep(for: .milliseconds(24))
        #expect(!fired)
    }

    @Test("ends a sleep at once when its task is cancelled")
    func cancelledSleep() async {
        let task = Task { @Loop in try await Loop.sleep(for: .seconds(3600)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("wakes for bytes that another thread writes into a watched descriptor")
    func watch() async throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let readable = Promise<Void, Never>()
        let watch = try Loop.watch(ends[0], for: .read) { _ in readable.succeed(()) }
        let other = ends[1]
        _ = try await Loop.offload { write(other, "x", 1) }
        await readable.value()
        watch.cancel()
        close(ends[0])
        close(ends[1])
    }

    @Test("comes back to the loop after offloaded work")
    func offload() async throws {
        let sum = try await Loop.offload { (1...1000).reduce(0, +) }
        #expect(sum == 500_500)
        Loop.shared.preconditionIsolated()
    }

    @Test("runs end-of-turn actions after all ready work, and those they add in the same turn")
    func endOfTurn() async {
        var order: [String] = []
        let done = Promise<Void, Never>()
        Loop.atEndOfTurn {
            order.append("first end")
            Loop.atEndOfTurn {
                order.append("second end")
                done.succeed(())
            }
        }
        Task { @Loop in order.append("job") }
        order.append("now")
        await done.value()
        #expect(order == ["now", "job", "first end", "second end"])
    }

    @Test("resumes a task that prefers it in the same turn, whatever the depth of its calls")
    func resumption() async {
        var order: [String] = []
        let promise = Promise<Void, Never>()
        let done = Promise<Void, Never>()
        func outer() async { await inner() }
        func inner() async {
            await promise.value()
            order.append("resumed")
        }
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            await outer()
            order.append("returned")
        }
        Loop.atEndOfTurn {
            promise.succeed(())
            Loop.atEndOfTurn {
                order.append("same turn")
                done.succeed(())
            }
        }
        await done.value()
        #expect(order == ["resumed", "returned", "same turn"])
    }

    @Test("fails a promise at its deadline and ignores what comes later")
    func promiseDeadline() async {
        let promise = Promise<Int, TooLate>(deadline: LoopInstant.current + .milliseconds(8), failure: TooLate())
        await #expect(throws: TooLate.self) { try await promise.value() }
        #expect(promise.succeed(1) == false)
    }
}

private struct TooLate: Error {}

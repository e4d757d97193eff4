import EventLoop

/// A caller that waits for a connection.
@Loop final class Waiter {
    let start: @Loop (PostgresConnection) -> Void
    let fail: @Loop (PostgresError) -> Void
    let since = LoopInstant.current
    var timer: LoopTimer?
    var isDone = false

    init(start: @escaping @Loop (PostgresConnection) -> Void, fail: @escaping @Loop (PostgresError) -> Void) {
        self.start = start
        self.fail = fail
    }
}

/// Callers in order of arrival; one whose time is up leaves from wherever it stands.
@Loop struct WaiterQueue {
    private var waiters: [Waiter] = []
    private var head = 0
    private let living = LivingCount()

    nonisolated init() {}

    /// How many still wait.
    var count: Int { living.value }

    mutating func append(
        start: @escaping @Loop (PostgresConnection) -> Void, fail: @escaping @Loop (PostgresError) -> Void,
        within deadline: Duration, otherwise error: @escaping @Loop () -> PostgresError
    ) {
        compact()
        let waiter = Waiter(start: start, fail: fail)
        waiters.append(waiter)
        living.value += 1
        waiter.timer = Loop.schedule(after: deadline) { [living] in
            waiter.isDone = true
            living.value -= 1
            waiter.fail(error())
        }
    }

    mutating func popFirst() -> Waiter? {
        while head < waiters.count {
            let waiter = waiters[head]
            head += 1
            guard !waiter.isDone else { continue }
            waiter.isDone = true
            waiter.timer?.cancel()
            living.value -= 1
            return waiter
        }
        return nil
    }

    private mutating func compact() {
        guard waiters.count > 2 * count + 64 else { return }
        waiters = waiters[head...].filter { !$0.isDone }
        head = 0
    }
}

@Loop private final class LivingCount {
    var value = 0
    nonisolated init() {}
}

import EventLoop
import Models
import Postgres
import ServiceRuntime

/// Hands a named consumer every event of the outbox, in commit order, and moves its cursor in the same transaction that
/// the handler works in: what the handler writes through that transaction happens exactly once.
///
/// Any number of replicas may run the same name; one at a time gets a batch. A batch that fails is repeated event by
/// event; an event that keeps failing is set aside in `bus.parked` and counted. The handler must not wait for anything
/// but the database: an open transaction holds back every consumer.
@Loop package final class OutboxConsumer {
    /// Handles events in order; an error undoes what was written through the transaction.
    package typealias Handler = @Loop (_ events: [OutboxEvent], _ transaction: PostgresTransaction) async throws -> Void

    /// What it has done so far.
    package private(set) var statistics = OutboxStatistics()
    /// For how long the oldest event that waits for it has waited, when that was last measured; nil if it cannot be.
    private(set) var backlog: Duration?
    /// Hears for how long each event had waited when it was handled.
    var onHandled: @Loop (Duration) -> Void = { _ in }

    private let cursor: OutboxCursor
    private let pool: PostgresPool
    private let size: Int
    private let attempts: Int
    private let pause: Duration
    private let handle: Handler
    private let onCommitted: @Loop () -> Void
    private var pauses = 0
    private var notBefore = LoopInstant.current
    private var nextExpiry = LoopInstant.current
    private var isolatedThrough: OutboxPosition?
    private var exists = false
    private var isRunning = false
    private var isWanted = false
    private var sweep: LoopTimer?
    private let sweepInterval: Duration
    private var look: LoopTimer?
    private var looksInVain = 0
    private var stopping: Promise<Void, Never>?
    private var isStarted = false

    /// A consumer that starts from the oldest event kept, when its name is new.
    ///
    /// - Parameters:
    ///   - batch: the most events handled in one transaction.
    ///   - attempts: how often a single event may fail before it is parked.
    ///   - pause: the wait after a failure, doubled each time up to 64 times.
    ///   - sweepInterval: how often it looks without any hint.
    ///   - onCommitted: called after each transaction that has handled events, once it is committed.
    package init(
        _ name: String, pool: PostgresPool, batch: Int = 100, attempts: Int = 6, pause: Duration = .milliseconds(250),
        sweepInterval: Duration = .seconds(1), onCommitted: @escaping @Loop () -> Void = {}, handle: @escaping Handler
    ) {
        cursor = OutboxCursor(consumer: name)
        self.pool = pool
        size = batch
        self.attempts = attempts
        self.pause = pause
        self.sweepInterval = sweepInterval
        self.onCommitted = onCommitted
        self.handle = handle
    }

    /// Begins to consume: at once, at every ``wake()``, and by itself now and then.
    package func start() {
        isStarted = true
        wake()
        sweep = Loop.schedule(after: sweepInterval) { [weak self] in
            guard let self, isStarted else { return }
            start()
        }
    }

    /// Lets the running batch finish, until `deadline`.
    package func stop(deadline: LoopInstant) async {
        isStarted = false
        isWanted = false
        sweep?.cancel()
        look?.cancel()
        guard isRunning else { return }
        let stopping = Promise<Void, Never>()
        self.stopping = stopping
        let timer = Loop.schedule(at: deadline) { stopping.succeed(()) }
        await stopping.value()
        timer.cancel()
    }

    /// Looks for new events; call it on the hint that there are some, and after a reconnect.
    package func wake() {
        isWanted = true
        guard isStarted, !isRunning, LoopInstant.current >= notBefore else { return }
        Task.immediate(executorPreference: Loop.executor) { @Loop in await drain() }
    }

    /// Runs `body` in a transaction during which no replica has a batch of this name, and commits it; nil, without a call
    /// of `body`, while one has. What the handler and `body` write into the outbox stands there in the order in which
    /// they were called.
    package func betweenBatches<Value>(
        _ body: @Loop (PostgresTransaction) async throws -> Value
    ) async throws -> Value? {
        try await createCursor()
        return try await pool.transaction { transaction in
            guard try await !transaction.queries([cursor.hold])[0].isEmpty else { return nil }
            return try await body(transaction)
        }
    }

    /// Looks how far behind the replicas of this name are, whichever of them is at work.
    package func measureBacklog() async throws(PostgresError) {
        do throws(PostgresError) {
            let rows = try await pool.atomically([cursor.backlog])[0]
            backlog = .milliseconds(max(0, try rows.first?.int("milliseconds") ?? 0))
        } catch {
            backlog = nil
            throw error
        }
    }

    /// Handles whatever there is; returns when nothing is left, or something has to wait.
    func drain() async {
        guard !isRunning else { return }
        isRunning = true
        repeat {
            isWanted = false
            if await turn() { isWanted = true }
            if !isWanted { await expire() }
        } while isWanted && LoopInstant.current >= notBefore && stopping == nil
        isRunning = false
        stopping?.succeed(())
    }

    /// True when there may be more.
    private func turn() async -> Bool {
        var batch: OutboxBatch?
        do {
            try await createCursor()
            let limit = isolatedThrough == nil ? size : 1
            try await pool.transaction { transaction in
                let answers = try await transaction.queries([cursor.lock, cursor.next(limit), cursor.hidden])
                batch = try OutboxBatch(cursor: answers[0], events: answers[1], hidden: answers[2])
                guard let batch, let last = batch.positions.last else { return }
                try await handle(batch.events, transaction)
                _ = try await transaction.queries([cursor.advance(to: last)])
            }
            pauses = 0
            return succeeded(batch, limit: limit)
        } catch {
            statistics.failures += 1
            return await failed(error, batch)
        }
    }

    private func createCursor() async throws(PostgresError) {
        guard !exists else { return }
        _ = try await pool.atomically([cursor.create])
        exists = true
    }

    private func succeeded(_ batch: OutboxBatch?, limit: Int) -> Bool {
        guard let batch else { return false }
        if !batch.hidesMore || !batch.events.isEmpty { looksInVain = 0 }
        if batch.hidesMore { lookAgain() }
        guard let last = batch.positions.last else {
            isolatedThrough = nil
            return false
        }
        statistics.handled += batch.events.count
        let now = Timestamp.now()
        for event in batch.events { onHandled(max(.zero, now - event.createdAt)) }
        onCommitted()
        leaveIsolation(at: last)
        return batch.events.count == limit || batch.failures > 0
    }

    /// The hint that came for what is hidden is spent when the transaction ends that it waits for.
    private func lookAgain() {
        look?.cancel()
        look = Loop.schedule(after: .milliseconds(10) * (1 << min(looksInVain, 5))) { [weak self] in self?.wake() }
        looksInVain += 1
    }

    private func failed(_ error: any Error, _ batch: OutboxBatch?) async -> Bool {
        let events = batch?.events ?? []
        Log.warning(
            "events were not handled",
            ["consumer": cursor.consumer, "count": events.count, "error": String(describing: error)],
            requestId: events.count == 1 ? events[0].requestId : nil)
        guard let batch, let last = batch.positions.last, !Self.isPassing(error) else {
            wait(pauses)
            pauses += 1
            return false
        }
        guard batch.events.count == 1 else {
            isolatedThrough = last
            return true
        }
        do {
            if batch.failures + 1 < attempts {
                _ = try await pool.atomically([cursor.postpone(at: batch.cursor, by: delay(batch.failures))])
                wait(batch.failures)
                return false
            }
            try await park(batch.events[0], batch, at: last, error: error)
            return true
        } catch {
            wait(pauses)
            pauses += 1
            return false
        }
    }

    private func park(
        _ event: OutboxEvent, _ batch: OutboxBatch, at position: OutboxPosition, error: any Error
    ) async throws(PostgresError) {
        let text = String(String(describing: error).prefix(1000))
        let rows = try await pool.atomically([cursor.park(event, at: position, from: batch.cursor, error: text)])
        guard rows[0].affectedRows == 1 else { return }
        statistics.parked += 1
        leaveIsolation(at: position)
        Log.error(
            "an event was set aside",
            ["consumer": cursor.consumer, "eventId": event.id, "type": event.type, "error": text],
            requestId: event.requestId)
    }

    private func leaveIsolation(at position: OutboxPosition) {
        if let end = isolatedThrough, position >= end { isolatedThrough = nil }
    }

    private func expire() async {
        guard LoopInstant.current >= nextExpiry else { return }
        do {
            let count = try await pool.query("SELECT bus.expire(1000) AS count")[0].int("count")
            statistics.expired += count
            nextExpiry = LoopInstant.current + (count == 1000 ? .seconds(1) : .seconds(600))
        } catch {
            nextExpiry = LoopInstant.current + .seconds(60)
        }
    }

    private func wait(_ failures: Int) {
        let delay = delay(failures)
        notBefore = LoopInstant.current + delay
        Loop.schedule(after: delay) { [weak self] in self?.wake() }
    }

    private func delay(_ failures: Int) -> Duration { pause * (1 << min(failures, 6)) }

    /// Errors that say nothing about the events.
    private static func isPassing(_ error: any Error) -> Bool {
        switch error {
        case is OutboxPostponed: true
        case let error as PostgresError: !error.isAboutContent
        default: false
        }
    }
}

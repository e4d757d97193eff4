import EventLoop

/// The only place that speaks to PostgreSQL: a bounded set of connections to one database, opened when they are first
/// needed and again after they were lost.
///
/// Connecting that fails is tried again with growing pauses (50 ms to 2 s) as long as somebody waits.
@Loop package final class PostgresPool {
    private let configuration: PostgresConfiguration
    private var connections: [ObjectIdentifier: PostgresConnection] = [:]
    private var free: [PostgresConnection] = []
    private var waiters = WaiterQueue()
    private var opening = 0
    private var failures = 0
    private var lastFailure: PostgresError?
    private var retry: LoopTimer?
    private var isClosed = false

    /// A pool; no connection is opened yet.
    package init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// Runs one statement as a transaction of its own.
    ///
    /// - Parameter deadline: the time allowed once a connection is there, if not the configuration's.
    package func query(
        _ statement: Statement, _ values: [(any PostgresValue)?] = [], deadline: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        try await atomically([(statement, values)], deadline: deadline)[0]
    }

    /// Runs several statements as one transaction in one round trip; the first that fails undoes all.
    ///
    /// - Returns: the answers, one per statement.
    package func atomically(
        _ statements: [BoundStatement], deadline: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        guard !statements.isEmpty else { return [] }
        let exchange = try Exchange(statements, limit: deadline ?? configuration.statementDeadline)
        if let connection = takeFree() {
            connection.send(exchange)
        } else {
            try enqueue(start: { $0.send(exchange) }, fail: { exchange.fail($0) })
        }
        return try await exchange.value()
    }

    /// Runs `body` in a transaction on a connection of its own; commits when it returns, rolls back when it throws.
    ///
    /// `BEGIN` travels with the first statement; a body without statements costs nothing. A body that swallows a
    /// statement's error cannot commit: the transaction throws that error. ``PostgresError/outcomeUnknown`` means that
    /// the answer to `COMMIT` was lost. Awaiting another statement of the same pool inside the body may starve it.
    package func transaction<Value>(
        _ isolation: PostgresTransaction.Isolation = .readCommitted,
        _ body: @Loop (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        let transaction = PostgresTransaction(
            try await reserve(), isolation: isolation, limit: configuration.statementDeadline)
        do {
            let value = try await body(transaction)
            try await transaction.commit()
            return value
        } catch {
            await transaction.rollBack()
            throw error
        }
    }

    /// How busy the pool is: connections open, those of them unused, and callers waiting.
    package var load: (open: Int, free: Int, waiting: Int) { (connections.count, free.count, waiters.count) }

    /// How often something has been sent to the database to be answered: statements that travel together count once.
    package private(set) var roundTrips = 0

    /// Hears of everybody who had to wait for a connection: for how long, and whether one came.
    package var onWaited: @Loop (_ duration: Duration, _ wasServed: Bool) -> Void = { _, _ in }

    /// False while connecting fails: the database is away as far as the pool knows.
    package var isReady: Bool { lastFailure == nil && !isClosed }

    /// Refuses new work, gives running work until `deadline`, then closes every connection.
    package func close(within deadline: Duration = .seconds(5)) async {
        isClosed = true
        let end = LoopInstant.current + deadline
        while connections.values.contains(where: { !$0.isFree }) || waiters.count > 0, LoopInstant.current < end {
            do { try await Loop.sleep(for: .milliseconds(8)) } catch { break }
        }
        retry?.cancel()
        while let waiter = waiters.popFirst() { waiter.fail(.unavailable("the process is stopping")) }
        for connection in Array(connections.values) { connection.close() }
    }

    private func reserve() async throws(PostgresError) -> PostgresConnection {
        if let connection = takeFree() {
            connection.isReserved = true
            return connection
        }
        let promise = Promise<PostgresConnection, PostgresError>()
        try enqueue(
            start: {
                $0.isReserved = true
                promise.succeed($0)
            }, fail: { promise.fail($0) })
        return try await promise.value()
    }

    private func takeFree() -> PostgresConnection? {
        guard waiters.count == 0, !isClosed else { return nil }
        return free.popLast()
    }

    private func enqueue(
        start: @escaping @Loop (PostgresConnection) -> Void, fail: @escaping @Loop (PostgresError) -> Void
    ) throws(PostgresError) {
        guard !isClosed else { throw .unavailable("the process is stopping") }
        guard waiters.count < configuration.waiterLimit else {
            onWaited(.zero, false)
            throw .poolExhausted
        }
        let since = LoopInstant.current
        waiters.append(start: start, fail: fail, within: configuration.acquireDeadline) { [weak self] in
            self?.onWaited(LoopInstant.current - since, false)
            return self?.lastFailure ?? .poolExhausted
        }
        openIfNeeded()
    }

    private func openIfNeeded() {
        while retry == nil, opening < waiters.count, connections.count + opening < configuration.connectionLimit {
            opening += 1
            Task.immediate(executorPreference: Loop.executor) { @Loop in await self.open() }
        }
    }

    private func open() async {
        do {
            let connection = try PostgresConnection(try await OpenedConnection.open(configuration))
            opening -= 1
            failures = 0
            lastFailure = nil
            connection.onSend = { [weak self] in self?.roundTrips += 1 }
            connection.onFree = { [weak self] in self?.becameFree($0) }
            connection.onClose = { [weak self] in self?.closed($0) }
            connections[ObjectIdentifier(connection)] = connection
            becameFree(connection)
        } catch {
            opening -= 1
            lastFailure = error
            pause()
        }
    }

    private func pause() {
        guard retry == nil else { return }
        let delay = min(Duration.milliseconds(50) * (1 << min(failures, 6)), .seconds(2))
        failures += 1
        retry = Loop.schedule(after: delay) { [weak self] in
            self?.retry = nil
            self?.openIfNeeded()
        }
    }

    private func becameFree(_ connection: PostgresConnection) {
        if let waiter = waiters.popFirst() {
            onWaited(LoopInstant.current - waiter.since, true)
            waiter.start(connection)
        } else if isClosed {
            connection.close()
        } else {
            free.append(connection)
        }
    }

    private func closed(_ connection: PostgresConnection) {
        connections[ObjectIdentifier(connection)] = nil
        free.removeAll { $0 === connection }
        openIfNeeded()
    }
}

import EventLoop

/// Statements that travel together up to one synchronisation point, and what has come back of them.
@Loop final class Exchange {
    enum Step {
        case prepare(name: String, text: String)
        case execute
    }

    let commands: [(text: String, parameters: ParameterBuffer)]
    let limit: Duration
    var steps: [Step] = []
    private(set) var index = 0
    private(set) var rows: [PostgresRows] = []
    private(set) var error: PostgresError?
    private let promise = Promise<[PostgresRows], PostgresError>()
    private var timer: LoopTimer?

    /// - Throws: when a value cannot be sent.
    init(_ statements: [BoundStatement], limit: Duration) throws(PostgresError) {
        var commands: [(text: String, parameters: ParameterBuffer)] = []
        commands.reserveCapacity(statements.count)
        for (statement, values) in statements { commands.append((statement.text, try ParameterBuffer(values))) }
        self.commands = commands
        self.limit = limit
    }

    /// True when every statement has been answered, so that only the synchronisation point is missing.
    var isExecuted: Bool { index >= steps.count && error == nil }

    var isSettled: Bool { promise.isSettled }

    func value() async throws(PostgresError) -> [PostgresRows] { try await promise.value() }

    /// Replaces the previous time limit.
    func expire(after duration: Duration, _ action: @escaping @Loop () -> Void) {
        timer?.cancel()
        timer = Loop.schedule(after: duration, action)
    }

    func record(_ result: PostgresResult) { rows.append(PostgresRows(result: result)) }

    func record(_ error: PostgresError) { if self.error == nil { self.error = error } }

    func nextStep() { index += 1 }

    func finish() {
        timer?.cancel()
        if let error { promise.fail(error) } else { promise.succeed(rows) }
    }

    func fail(_ error: PostgresError) {
        timer?.cancel()
        promise.fail(error)
    }
}

import EventLoop
import JSON
import Models
import Postgres
import ServiceRuntime

/// Takes in what devices say about commands. What arrives while a transaction runs makes the next transaction.
@Loop final class ResultIntake {
    /// One statement of a device about a command.
    struct Statement {
        let deviceId: DeviceID
        let orgId: OrgID
        let commandId: CommandID
        let event: CommandState.Event
    }

    private struct Delivery {
        let statements: [Statement]
        let promise: Promise<[Verdict], IntakeError>
    }

    private static let mostWaiting = 20_000
    private static let mostInATransaction = 500

    private let ledger: CommandLedger
    private let store: CommandStore
    private var waiting: [Delivery] = []
    private var statementsWaiting = 0
    private var isRunning = false
    private let refusalLines = LogAllowance()

    init(ledger: CommandLedger, store: CommandStore) {
        self.ledger = ledger
        self.store = store
    }

    /// Returns once `statements` are committed: only then may the device forget them.
    func take(_ statements: [Statement], until deadline: LoopInstant) async throws(IntakeError) -> [Verdict] {
        guard !statements.isEmpty else { return [] }
        guard statementsWaiting + statements.count <= Self.mostWaiting else { throw .overloaded }
        let promise = Promise<[Verdict], IntakeError>(deadline: deadline, failure: .notCommitted)
        waiting.append(Delivery(statements: statements, promise: promise))
        statementsWaiting += statements.count
        if !isRunning {
            isRunning = true
            Loop.atEndOfTurn { Task.immediate(executorPreference: Loop.executor) { @Loop in await self.run() } }
        }
        return try await promise.value()
    }

    private func run() async {
        while !waiting.isEmpty {
            var count = 0
            let batch = waiting.prefix { delivery in
                count += delivery.statements.count
                return count <= Self.mostInATransaction || count == delivery.statements.count
            }
            waiting.removeFirst(batch.count)
            statementsWaiting -= batch.reduce(0) { $0 + $1.statements.count }
            await commit(Array(batch))
        }
        isRunning = false
    }

    private func commit(_ batch: [Delivery]) async {
        do {
            var rest = try await verdicts(on: batch.flatMap(\.statements))[...]
            for delivery in batch {
                delivery.promise.succeed(Array(rest.prefix(delivery.statements.count)))
                rest = rest.dropFirst(delivery.statements.count)
            }
        } catch {
            Log.warning("results not committed", ["error": "\(error)", "deliveries": "\(batch.count)"])
            for delivery in batch { delivery.promise.fail(.notCommitted) }
        }
    }

    /// What the database refuses must not take the others with it.
    private func verdicts(on statements: [Statement]) async throws -> [Verdict] {
        do {
            let decisions = try await ledger.apply(
                statements.map { .init(id: $0.commandId, deviceId: $0.deviceId, event: $0.event) })
            return try await verdicts(on: Array(zip(statements, decisions)))
        } catch let error as PostgresError where error.isAboutContent {
            guard statements.count > 1 else { return [try await verdictWithoutData(on: statements[0], error)] }
            let half = statements.count / 2
            return try await verdicts(on: Array(statements[..<half])) + verdicts(on: Array(statements[half...]))
        }
    }

    /// Data that cannot be stored must not hide that the paper came out; it is kept as it came.
    private func verdictWithoutData(on statement: Statement, _ error: PostgresError) async throws -> Verdict {
        Log.error(
            "a device's data cannot be stored", ["device": "\(statement.deviceId)", "error": "\(error)"],
            requestId: statement.commandId.rawValue)
        do {
            try await keep([Refusal(of: statement, "not storable", isKnown: true)])
            let bare = CommandLedger.Entry(
                id: statement.commandId, deviceId: statement.deviceId, event: statement.event.withoutData)
            return try await verdicts(on: [(statement, ledger.apply([bare])[0])])[0]
        } catch let error as PostgresError where error.isAboutContent {
            return .refused
        }
    }

    private func verdicts(
        on decided: [(statement: Statement, decision: CommandLedger.Decision)]
    ) async throws(PostgresError) -> [Verdict] {
        var verdicts: [Verdict] = []
        var refusals: [Refusal] = []
        for (statement, decision) in decided {
            switch decision {
            case .applied: verdicts.append(.committed)
            case .unchanged(let record):
                if record.state.status == .failed, statement.event.saysDone {
                    refusals.append(Refusal(of: statement, "has failed before", isKnown: true))
                }
                let isOpen = record.state.status == .pending || record.state.outcome == .unknown
                verdicts.append(isOpen ? .noted : .committed)
            case .refused(let reason, let isKnown):
                refusals.append(Refusal(of: statement, reason, isKnown: isKnown))
                verdicts.append(.refused)
            }
        }
        try await keep(refusals)
        return verdicts
    }

    /// Of many that a device makes up at once one is kept: they must not take the time that the others' answers need.
    private func keep(_ refusals: [Refusal]) async throws(PostgresError) {
        var kept: Set<Refusal.Place> = []
        let distinct = refusals.filter { kept.insert($0.place).inserted }
        guard let first = distinct.first else { return }
        if let skipped = refusalLines.take() {
            Log.warning(
                "answer refused",
                [
                    "device": first.place.device.rawValue, "command": first.statement.commandId.rawValue,
                    "reason": first.reason, "skipped": skipped,
                ])
        }
        try await store.record(distinct, at: .now())
    }
}

enum IntakeError: Error { case overloaded, notCommitted }

extension CommandState.Event {
    fileprivate var withoutData: CommandState.Event {
        switch self {
        case .answered(.ok, let session): .answered(.ok(data: [:]), session: session)
        case .foundDone(.ok): .foundDone(.ok(data: [:]))
        default: self
        }
    }

    fileprivate var saysDone: Bool {
        switch self {
        case .answered(.ok, _), .foundDone(.ok): true
        default: false
        }
    }
}

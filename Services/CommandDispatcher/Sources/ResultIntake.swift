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
            Loop.atEndOfTurn { Task.immediate { @Loop in await self.run() } }
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
        let statements = batch.flatMap(\.statements)
        do {
            let decisions = try await ledger.apply(
                statements.map { .init(id: $0.commandId, deviceId: $0.deviceId, event: $0.event) })
            var verdicts: [Verdict] = []
            for (statement, decision) in zip(statements, decisions) {
                verdicts.append(try await verdict(on: statement, decision))
            }
            var rest = verdicts[...]
            for delivery in batch {
                delivery.promise.succeed(Array(rest.prefix(delivery.statements.count)))
                rest = rest.dropFirst(delivery.statements.count)
            }
        } catch {
            Log.warning("results not committed", ["error": "\(error)", "deliveries": "\(batch.count)"])
            // What the database refuses must not take the others with it.
            guard batch.count > 1, Self.isAboutContent(error) else {
                for delivery in batch { delivery.promise.fail(.notCommitted) }
                return
            }
            for delivery in batch { await commit([delivery]) }
        }
    }

    private func verdict(
        on statement: Statement, _ decision: CommandLedger.Decision
    ) async throws(PostgresError) -> Verdict {
        switch decision {
        case .applied: return .committed
        case .unchanged(let record):
            return record.state.status == .pending || record.state.outcome == .unknown ? .noted : .committed
        case .refused(let reason, let isKnown):
            Log.warning(
                "answer refused",
                [
                    "device": "\(statement.deviceId)", "command": "\(statement.commandId)", "reason": "\(reason)",
                ])
            // Ids that a device makes up share one row.
            try await store.recordRefusal(
                of: statement.event.recorded, by: statement.deviceId, in: statement.orgId,
                for: isKnown ? statement.commandId.rawValue : "", reason: reason, at: .now())
            return .refused
        }
    }

    private static func isAboutContent(_ error: any Error) -> Bool {
        switch error {
        case PostgresError.violation, PostgresError.server, PostgresError.unexpectedValue: true
        default: false
        }
    }
}

enum IntakeError: Error { case overloaded, notCommitted }

extension CommandState.Event {
    /// What is kept of a statement that was refused.
    fileprivate var recorded: JSON {
        switch self {
        case .answered(let answer, _), .foundDone(let answer): (try? JSON(encoding: answer)) ?? .null
        default: .null
        }
    }
}

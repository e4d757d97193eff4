import EventLoop
import Models
import Postgres
import ServiceRuntime

/// How commands end, how long they take, and how many have not ended, as `/metrics` shows it.
@Loop final class CommandFigures {
    private let metrics: Metrics
    private let store: CommandStore
    private let seconds: Histogram
    private let open: [OpenCommands.State: (count: Gauge, oldest: Gauge)]

    init(_ metrics: Metrics, store: CommandStore) {
        self.metrics = metrics
        self.store = store
        seconds = metrics.histogram(
            "ebon_dispatcher_command_seconds", "From the order of a command to its execution.",
            buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180])
        open = Dictionary(
            uniqueKeysWithValues: OpenCommands.State.allCases.map { state in
                let labels: MetricLabels = ["state": state.rawValue]
                let count = metrics.gauge(
                    "ebon_dispatcher_open_commands", "Commands of all devices whose outcome is not known.", labels)
                let oldest = metrics.gauge(
                    "ebon_dispatcher_oldest_command_seconds", "Age of the oldest of them.", labels)
                return (state, (count, oldest))
            })
        // What has not happened yet is shown as zero, so that its first time is an increase.
        let endings: [(CommandStatus, CommandOutcome)] = [
            (.completed, .executed), (.failed, .notExecuted), (.cancelled, .notExecuted), (.timeout, .notExecuted),
            (.timeout, .unknown),
        ]
        for (status, outcome) in endings { _ = finished(status, outcome) }
        for outcome in [CommandOutcome.executed, .notExecuted] { _ = resolved(outcome) }
    }

    func count(finished record: CommandRecord) {
        guard let outcome = record.state.outcome else { return }
        finished(record.state.status, outcome).increment()
        guard record.state.status == .completed, let finishedAt = record.state.finishedAt else { return }
        seconds.observe(finishedAt - record.state.createdAt)
    }

    func count(resolved record: CommandRecord) {
        guard let outcome = record.state.outcome else { return }
        resolved(outcome).increment()
    }

    func measure() async throws {
        let now = Timestamp.now()
        do {
            for (state, commands) in try await store.open() {
                open[state]?.count.set(Double(commands.count))
                let age = commands.oldest.map { max(.zero, now - $0) } ?? .zero
                open[state]?.oldest.set(Double(age.nanoseconds) / 1e9)
            }
        } catch {
            // Until PostgreSQL answers again nobody knows.
            for (count, oldest) in open.values {
                count.set(.nan)
                oldest.set(.nan)
            }
            throw error
        }
    }

    private func finished(_ status: CommandStatus, _ outcome: CommandOutcome) -> Counter {
        metrics.counter(
            "ebon_dispatcher_commands_finished_total", "Commands that took a final status, by what was known then.",
            ["status": status.rawValue, "outcome": outcome.rawValue])
    }

    private func resolved(_ outcome: CommandOutcome) -> Counter {
        metrics.counter(
            "ebon_dispatcher_commands_resolved_total", "Commands whose outcome was found out by asking the device.",
            ["outcome": outcome.rawValue])
    }
}

/// Commands that have not ended, or ended without anybody's knowing how.
struct OpenCommands {
    enum State: String, CaseIterable {
        case pending, sent
        /// Past their time, with an outcome that the device still has to tell.
        case unknown
    }

    let count: Int
    let oldest: Timestamp?
}

import EventLoop
import Models
import ServiceRuntime

/// How commands end, and how long they take, as `/metrics` shows it.
@Loop struct FinishedCommands {
    private let counters: [CommandStatus: Counter]
    private let seconds: Histogram

    init(_ metrics: Metrics) {
        counters = Dictionary(
            uniqueKeysWithValues: CommandStatus.allCases.filter(\.isFinal).map { status in
                let help = "Commands that took a final status."
                return (
                    status,
                    metrics.counter("ebon_dispatcher_commands_finished_total", help, ["status": status.rawValue])
                )
            })
        seconds = metrics.histogram(
            "ebon_dispatcher_command_seconds", "From the order of a command to its execution.",
            buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180])
    }

    func count(_ record: CommandRecord) {
        counters[record.state.status]?.increment()
        guard record.state.status == .completed, let finishedAt = record.state.finishedAt else { return }
        seconds.observe(finishedAt - record.state.createdAt)
    }
}

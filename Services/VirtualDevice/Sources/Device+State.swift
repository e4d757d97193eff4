import JSON
import Models

extension Device {
    /// Everything that a judge wants to know.
    var state: JSON {
        let memory = register.memory
        return [
            "connected": .bool(link.session != nil), "session": .string(link.session),
            "connections": .number(link.connections),
            "running": .string(core.running?.rawValue),
            "prints": Self.counts(memory.prints), "deliveries": Self.counts(core.deliveries),
            "journal": .object(
                JSONObject(
                    core.journal.states.sorted { $0.key < $1.key }.map { ($0.key.rawValue, Self.entry($0.value)) })),
            "unacked": .array(core.journal.unacked.map { .string($0.rawValue) }),
            "conditions": .object(register.conditions.members),
            "latencyMilliseconds": .number(latency.milliseconds),
            "register": .object(
                memory.day.figures.merging([
                    "cashBalance": memory.cash.json, "zNumber": .number(memory.zNumber),
                    "lastReceiptNumber": .number(memory.lastReceiptNumber),
                    "fiscalSeries": .string(register.fiscalSeries),
                ])),
        ]
    }

    private static func counts(_ counts: [CommandID: Int]) -> JSON {
        .object(JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key.rawValue, .number($0.value)) }))
    }

    private static func entry(_ state: Journal.State) -> JSON {
        switch state {
        case .accepted: ["state": "accepted"]
        case .started: ["state": "started"]
        case .executed(let answer): .object(JSONObject([("state", "executed")]).merging(answer.members))
        case .acked(let answer): .object(JSONObject([("state", "acked")]).merging(answer.members))
        }
    }
}

import JSON
import Models

/// A step of a command that the app remembers durably.
enum JournalLine: Equatable {
    /// It arrived; written before the cloud is told so.
    case accepted(Order)
    /// The register is about to be touched.
    case started(CommandID)
    /// The register has answered; written before the cloud hears the answer.
    case executed(CommandID, Answer)
    /// The cloud has the answer.
    case acked(CommandID)

    init?(_ json: JSON) {
        guard let id = json["id"]?.string.map({ CommandID($0) }) else { return nil }
        switch json["entry"]?.string {
        case "accepted":
            guard let order = Order(json) else { return nil }
            self = .accepted(order)
        case "started": self = .started(id)
        case "executed":
            guard let answer = Answer(json) else { return nil }
            self = .executed(id, answer)
        case "acked": self = .acked(id)
        default: return nil
        }
    }

    var members: JSONObject {
        switch self {
        case .accepted(let order): JSONObject([("entry", "accepted")]).merging(order.members)
        case .started(let id): ["entry": "started", "id": .string(id.rawValue)]
        case .executed(let id, let answer):
            JSONObject([("entry", "executed"), ("id", .string(id.rawValue))]).merging(answer.members)
        case .acked(let id): ["entry": "acked", "id": .string(id.rawValue)]
        }
    }
}

/// What the app knows of the commands that have reached it: the sum of the journal's lines.
struct Journal: Equatable {
    enum State: Equatable {
        case accepted(Order)
        case started(Order)
        case executed(Answer)
        /// The cloud has the answer; it is kept in case the cloud asks again.
        case acked(Answer)
    }

    private(set) var states: [CommandID: State] = [:]
    /// Accepted or started, in order of arrival.
    private(set) var open: [CommandID] = []
    /// Executed and not acknowledged, in order of execution.
    private(set) var unacked: [CommandID] = []

    /// Adds a line; one that makes no sense after what came before changes nothing.
    mutating func apply(_ line: JournalLine) {
        switch line {
        case .accepted(let order):
            guard states[order.id] == nil else { return }
            states[order.id] = .accepted(order)
            open.append(order.id)
        case .started(let id):
            guard case .accepted(let order) = states[id] else { return }
            states[id] = .started(order)
        case .executed(let id, let answer):
            guard order(id) != nil else { return }
            states[id] = .executed(answer)
            open.removeAll { $0 == id }
            unacked.append(id)
        case .acked(let id):
            guard case .executed(let answer) = states[id] else { return }
            states[id] = .acked(answer)
            unacked.removeAll { $0 == id }
        }
    }

    /// The order of a command that is not executed yet.
    func order(_ id: CommandID) -> Order? {
        switch states[id] {
        case .accepted(let order), .started(let order): order
        case .executed, .acked, nil: nil
        }
    }

    /// The answer of a command that is executed.
    func answer(_ id: CommandID) -> Answer? {
        switch states[id] {
        case .executed(let answer), .acked(let answer): answer
        case .accepted, .started, nil: nil
        }
    }
}

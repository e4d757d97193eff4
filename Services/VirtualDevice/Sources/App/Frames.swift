import JSON
import Models

/// What the cloud says, contract §6.
enum CloudFrame: Equatable {
    case welcome(session: String)
    case command(Order)
    case ack(CommandID)
    case query([CommandID])
    case ping
    case pong

    /// The frame in `text`; nil for one that this app does not know.
    init?(_ text: [UInt8]) {
        guard let frame = try? JSON(parsing: text) else { return nil }
        switch frame["type"]?.string {
        case "welcome": self = .welcome(session: frame["session"]?.string ?? "")
        case "command":
            guard let order = Order(frame) else { return nil }
            self = .command(order)
        case "ack":
            guard let id = frame["id"]?.string else { return nil }
            self = .ack(CommandID(id))
        case "query":
            guard let ids = frame["ids"]?.array else { return nil }
            self = .query(ids.compactMap { $0.string.map { CommandID($0) } })
        case "ping": self = .ping
        case "pong": self = .pong
        default: return nil
        }
    }
}

/// What the app says, contract §6.
enum AppFrame: Equatable {
    enum Knowledge: Equatable {
        case executed(Answer)
        case running
        case unknown
    }

    case accepted(CommandID)
    case result(CommandID, Answer)
    case journal([(CommandID, Knowledge)])
    case status(Conditions)
    case ping
    case pong

    /// The answers to a query, in as many frames as their limit of 256 KiB asks for.
    static func journals(_ entries: [(CommandID, Knowledge)]) -> [AppFrame] {
        var frames: [[(CommandID, Knowledge)]] = []
        var room = 0
        for (id, knowledge) in entries {
            let size = entry(id, knowledge).serialized().count
            if size > room || frames.last?.count == mostEntries {
                frames.append([])
                room = 128 * 1024
            }
            frames[frames.count - 1].append((id, knowledge))
            room -= size
        }
        return frames.map(AppFrame.journal)
    }

    private static let mostEntries = 1_000

    var json: JSON {
        switch self {
        case .accepted(let id): ["type": "accepted", "id": .string(id.rawValue)]
        case .result(let id, let answer):
            .object(JSONObject([("type", "result"), ("id", .string(id.rawValue))]).merging(answer.members))
        case .journal(let entries): ["type": "journal", "entries": .array(entries.map { Self.entry($0, $1) })]
        case .status(let conditions): .object(JSONObject([("type", "status")]).merging(conditions.members))
        case .ping: ["type": "ping"]
        case .pong: ["type": "pong"]
        }
    }

    private static func entry(_ id: CommandID, _ knowledge: Knowledge) -> JSON {
        let entry: JSONObject = ["id": .string(id.rawValue)]
        return switch knowledge {
        case .executed(let answer): .object(entry.merging(["state": "executed"]).merging(answer.members))
        case .running: .object(entry.merging(["state": "running"]))
        case .unknown: .object(entry.merging(["state": "unknown"]))
        }
    }

    static func == (left: AppFrame, right: AppFrame) -> Bool { left.json == right.json }
}

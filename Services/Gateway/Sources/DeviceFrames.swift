import JSON
import Models

/// What an app may say, contract §6; anything else is malformed.
enum InboundFrame: Equatable {
    case accepted(CommandID)
    case result(CommandID, DeviceAnswer)
    case journal([JournalEntry])
    case status(StatusFrame)
    case ping
    case pong

    static let mostJournalEntries = 1_000
    static let longestIdentifier = 128

    /// The frame in `text`, or nil when it is none of the above.
    init?(_ text: [UInt8]) {
        guard let frame = try? JSON(parsing: text, depthLimit: 32), let type = frame["type"]?.string else { return nil }
        switch type {
        case "accepted":
            guard let id = Self.commandId(frame) else { return nil }
            self = .accepted(id)
        case "result":
            guard let id = Self.commandId(frame), let answer = Self.answer(frame) else { return nil }
            self = .result(id, answer)
        case "journal":
            guard let entries = frame["entries"]?.array, entries.count <= Self.mostJournalEntries else { return nil }
            let parsed = entries.compactMap(Self.journalEntry)
            guard parsed.count == entries.count else { return nil }
            self = .journal(parsed)
        case "status":
            guard let status = Self.status(frame) else { return nil }
            self = .status(status)
        case "ping": self = .ping
        case "pong": self = .pong
        default: return nil
        }
    }

    private static func commandId(_ frame: JSON) -> CommandID? {
        guard let id = frame["id"]?.string, !id.isEmpty, id.utf8.count <= longestIdentifier,
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return CommandID(id)
    }

    private static func answer(_ frame: JSON) -> DeviceAnswer? {
        guard let ok = frame["ok"]?.bool else { return nil }
        if ok { return optionalObject(frame["data"]).map(DeviceAnswer.ok) }
        guard let error = frame["error"], let code = error["code"]?.string, let message = error["message"]?.string
        else { return nil }
        return .error(CommandError(code: code, message: message, retryable: error["retryable"]?.bool ?? false))
    }

    private static func optionalObject(_ value: JSON?) -> JSON? {
        switch value {
        case nil, .null: [:]
        case .object: value
        default: nil
        }
    }

    private static func journalEntry(_ entry: JSON) -> JournalEntry? {
        guard let id = commandId(entry) else { return nil }
        switch entry["state"]?.string {
        case "executed": return answer(entry).map { JournalEntry(commandId: id, state: .executed, answer: $0) }
        case "running": return JournalEntry(commandId: id, state: .running)
        case "unknown": return JournalEntry(commandId: id, state: .unknown)
        default: return nil
        }
    }

    private static func status(_ frame: JSON) -> StatusFrame? {
        var status = StatusFrame()
        switch frame["fault"] {
        case nil, .null: break
        case .string(let fault): status.fault = fault
        default: return nil
        }
        guard let flags = optionalObject(frame["flags"]) else { return nil }
        let fields: [(String, WritableKeyPath<StatusFrame, Bool>)] = [
            ("paperEnd", \.paperEnd), ("paperNearEnd", \.paperNearEnd), ("coverOpen", \.coverOpen),
            ("fiscalMemoryAlmostFull", \.fiscalMemoryAlmostFull),
        ]
        for (name, field) in fields {
            switch flags[name] {
            case nil, .null: break
            case .bool(let value): status[keyPath: field] = value
            default: return nil
            }
        }
        return status
    }
}

/// What the cloud says, contract §6.
enum OutboundFrame {
    static func welcome(session: String) -> [UInt8] {
        let frame: JSON = ["type": "welcome", "session": .string(session), "heartbeatSeconds": 25]
        return frame.serialized()
    }

    static func command(_ command: DeliverCommand) -> [UInt8] {
        let frame: JSON = [
            "type": "command", "id": .string(command.commandId.rawValue), "command": .string(command.type),
            "payload": command.payload, "expiresAt": .string(command.expiresAt.description),
        ]
        return frame.serialized()
    }

    static func acknowledgement(of id: CommandID) -> [UInt8] {
        let frame: JSON = ["type": "ack", "id": .string(id.rawValue)]
        return frame.serialized()
    }

    static func query(_ ids: [CommandID]) -> [UInt8] {
        let frame: JSON = ["type": "query", "ids": .array(ids.map { .string($0.rawValue) })]
        return frame.serialized()
    }

    static let ping = Array(#"{"type":"ping"}"#.utf8)
    static let pong = Array(#"{"type":"pong"}"#.utf8)
}

import JSON
import Models

/// A command as the cloud ordered it.
struct Order: Equatable {
    let id: CommandID
    let type: CommandType
    let payload: JSON
    let expiresAt: Timestamp

    init(id: CommandID, type: CommandType, payload: JSON = [:], expiresAt: Timestamp) {
        self.id = id
        self.type = type
        self.payload = payload
        self.expiresAt = expiresAt
    }

    /// Reads the members of a command frame or of a journal line, which are the same.
    init?(_ json: JSON) {
        guard let id = json["id"]?.string, !id.isEmpty, let type = json["command"]?.string,
            let expiresAt = json["expiresAt"]?.string.flatMap({ Timestamp($0) })
        else { return nil }
        let payload = json["payload"] ?? .null
        self.init(
            id: CommandID(id), type: CommandType(rawValue: type), payload: payload.isNull ? [:] : payload,
            expiresAt: expiresAt)
    }

    var members: JSONObject {
        [
            "id": .string(id.rawValue), "command": .string(type.rawValue), "payload": payload,
            "expiresAt": .string(expiresAt.description),
        ]
    }
}

/// What became of a command.
enum Answer: Equatable {
    case done(JSON)
    case refused(CommandError)

    static let expired = Answer.refused(
        CommandError(code: "EXPIRED", message: "The command came after its time", retryable: true))

    /// Reads `ok` with `data` or `error`.
    init?(_ json: JSON) {
        switch json["ok"]?.bool {
        case true: self = .done(json["data"] ?? [:])
        case false:
            guard let error = try? json["error"]?.decode(CommandError.self) else { return nil }
            self = .refused(error)
        default: return nil
        }
    }

    var members: JSONObject {
        switch self {
        case .done(let data): ["ok": true, "data": data]
        case .refused(let error):
            [
                "ok": false,
                "error": [
                    "code": .string(error.code), "message": .string(error.message), "retryable": .bool(error.retryable),
                ],
            ]
        }
    }
}

import JSON
import Models

/// A line of the register's memory: something that happened in the register and cannot be taken back.
struct FiscalRecord: Equatable {
    /// Nil for the register's commissioning, its first line.
    let id: CommandID?
    let type: CommandType
    let payload: JSON
    let at: Timestamp
    /// What the register answered.
    let data: JSON

    static func commissioning(at: Timestamp) -> FiscalRecord {
        FiscalRecord(id: nil, type: "commissioning", payload: [:], at: at, data: [:])
    }

    init(id: CommandID?, type: CommandType, payload: JSON, at: Timestamp, data: JSON) {
        self.id = id
        self.type = type
        self.payload = payload
        self.at = at
        self.data = data
    }

    init?(_ json: JSON) {
        guard let type = json["command"]?.string, let at = json["at"]?.string.flatMap({ Timestamp($0) }) else {
            return nil
        }
        self.init(
            id: json["id"]?.string.map { CommandID($0) }, type: CommandType(rawValue: type),
            payload: json["payload"] ?? [:], at: at, data: json["data"] ?? [:])
    }

    var members: JSONObject {
        [
            "id": .string(id?.rawValue), "command": .string(type.rawValue), "at": .string(at.description),
            "payload": payload, "data": data,
        ]
    }
}

import JSON
import Models

/// A device's statement that changes nothing, and is kept for whoever looks into it.
struct Refusal {
    struct Place: Hashable {
        let device: DeviceID
        let command: String
    }

    let statement: ResultIntake.Statement
    let reason: String
    let place: Place

    init(of statement: ResultIntake.Statement, _ reason: String, isKnown: Bool) {
        self.statement = statement
        self.reason = reason
        // Ids that a device makes up share one row.
        place = Place(device: statement.deviceId, command: isKnown ? statement.commandId.rawValue : "")
    }

    var answer: JSON {
        switch statement.event {
        case .answered(let answer, _), .foundDone(let answer): (try? JSON(encoding: answer)) ?? .null
        default: .null
        }
    }
}

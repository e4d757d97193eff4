import JSON
import Models

/// What the register reports of itself, and what a person at the register can change.
struct Conditions: Equatable {
    var paperEnd = false
    var paperNearEnd = false
    var coverOpen = false
    var fiscalMemoryAlmostFull = false
    var fault: String?

    private static let flags: [(String, WritableKeyPath<Conditions, Bool> & Sendable)] = [
        ("paperEnd", \.paperEnd), ("paperNearEnd", \.paperNearEnd), ("coverOpen", \.coverOpen),
        ("fiscalMemoryAlmostFull", \.fiscalMemoryAlmostFull),
    ]

    var members: JSONObject {
        [
            "flags": .object(JSONObject(Self.flags.map { ($0, .bool(self[keyPath: $1])) })),
            "fault": .string(fault),
        ]
    }

    /// Takes over the flags that `json` names; false, and nothing changed, if one of them is unknown or not a Bool.
    mutating func merge(flags json: JSON) -> Bool {
        guard let object = json.object else { return false }
        var merged = self
        for member in object.members {
            guard let flag = Self.flags.first(where: { $0.0 == member.name }), let value = member.value.bool else {
                return false
            }
            merged[keyPath: flag.1] = value
        }
        self = merged
        return true
    }

    /// Why the register does not print at the moment.
    var refusal: CommandError? {
        if paperEnd { return CommandError(code: "E301", message: "Out of paper", retryable: true) }
        if coverOpen { return CommandError(code: "E302", message: "The cover is open", retryable: true) }
        if let fault { return CommandError(code: "E399", message: fault, retryable: true) }
        return nil
    }
}

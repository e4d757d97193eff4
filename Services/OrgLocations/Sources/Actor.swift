import Bus
import Models

/// Who changes something, and in which request: what the audit keeps.
struct Actor: Sendable {
    let id: String
    let requestId: String

    init<Input>(_ call: Call<Input>) {
        id = call.caller.apiKeyId?.rawValue ?? call.caller.userId?.rawValue ?? ""
        requestId = call.requestId
    }
}

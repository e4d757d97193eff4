import JSON
import Models

/// What the parameters of paths stand for: a name means the same in every path.
extension PathTemplate {
    private static let meanings: [String: (thing: String, schema: Schema)] = [
        "deviceId": ("Device", DeviceID.schema),
        "commandId": ("Command", CommandID.schema),
        "receiptId": ("Receipt", ReceiptID.schema),
        "locationId": ("Location", LocationID.schema),
        "apiKeyId": ("API key", APIKeyID.schema),
        "memberId": ("Member", UserID.schema),
    ]

    /// What the value of a parameter looks like; nil for a name that has no meaning yet.
    package static func schema(ofParameter name: String) -> Schema? { meanings[name]?.schema }

    /// A refusal in the words that suit the last parameter, such as `Device not found`.
    func refusal(_ code: APIError.Code) -> APIError {
        let thing = parameters.last.flatMap { Self.meanings[$0]?.thing }
        return switch (code, thing) {
        case (.notFound, let thing?): .notFound("\(thing) not found")
        case (.deviceError, _): .deviceError(code: "E012", message: "Paper end", retryable: true)
        case (.commandTimeout, _): .commandTimeout(commandId: CommandID.schema.example?.string ?? "")
        default: APIError(code, code.phrase)
        }
    }
}

extension APIError.Code {
    /// The code in words, such as `Not found`.
    var phrase: String {
        let words = rawValue.lowercased().split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}

import JSON
import Models

/// What the parameters of paths stand for: a name means the same in every path.
extension PathTemplate {
    private static let meanings: [String: Schema] = [
        "deviceId": DeviceID.schema,
        "commandId": CommandID.schema,
        "receiptId": ReceiptID.schema,
        "locationId": LocationID.schema,
        "apiKeyId": APIKeyID.schema,
        "memberId": UserID.schema,
    ]

    /// What the value of a parameter looks like; nil for a name that has no meaning yet.
    package static func schema(ofParameter name: String) -> Schema? { meanings[name] }
}

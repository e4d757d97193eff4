import JSON

/// The body that orders a command: `{deviceId?, type, payload?}`.
package struct CommandSubmission: Codable, Sendable, Equatable {
    /// The device, where the path does not say it.
    package let deviceId: DeviceID?
    /// The kind of command.
    package let type: CommandType
    /// What the command needs; may be left out for kinds that need nothing.
    package let payload: JSON?

    /// All members.
    package init(deviceId: DeviceID? = nil, type: CommandType, payload: JSON? = nil) {
        self.deviceId = deviceId
        self.type = type
        self.payload = payload
    }

    /// The body of `POST /devices/{deviceId}/commands`.
    package static let schema = Schema.object(fields, rules: [payloadFitsType]).named("DeviceCommandSubmission")

    /// The body of `POST /commands`.
    package static let schemaWithDevice = Schema.object(
        [.required("deviceId", DeviceID.schema)] + fields, rules: [payloadFitsType]
    ).named("CommandSubmission")

    private static let fields: [Field] = [
        .required("type", CommandCatalogue.typeSchema),
        .optional("payload", .freeFormObject.described(payloadDescription)),
    ]

    private static let payloadDescription = CommandCatalogue.all.reduce(into: "Types not listed take none.") {
        if let name = $1.payload.name { $0 += " `\($1.type)`: `\(name)`." }
    }

    private static let payloadFitsType = Rule(
        "payload must be what the type asks for; it may be left out where the type takes none",
        reading: ["type", "payload"]
    ) { body in
        guard let type = body["type"]?.string, let definition = CommandCatalogue[CommandType(rawValue: type)] else {
            return []
        }
        return definition.violations(ofPayload: body["payload"], at: "payload").map { .init($0.path, $0.message) }
    }
}

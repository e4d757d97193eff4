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

    /// Reads a body that has passed its schema: where that knows no `deviceId`, whatever is called so counts for nothing.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        deviceId = try? container.decode(DeviceID.self, forKey: .deviceId)
        type = try container.decode(CommandType.self, forKey: .type)
        payload = try container.decodeIfPresent(JSON.self, forKey: .payload)
    }

    /// The body of `POST /devices/{deviceId}/commands`.
    package static let schema = Schema.object(fields, by: "type", payloads).named("DeviceCommandSubmission")
        .illustrated(by: .object(example))

    /// The body of `POST /commands`.
    package static let schemaWithDevice = Schema.object(
        [.required("deviceId", DeviceID.schema)] + fields, by: "type", payloads
    ).named("CommandSubmission").illustrated(
        by: .object(JSONObject([("deviceId", "dev_pos_01")] + example.members.map { ($0.name, $0.value) })))

    private static let fields: [Field] = [.required("type", CommandCatalogue.typeSchema)]

    private static let payloads = CommandCatalogue.all.map { command in
        let mayBeLeftOut = command.violations(ofPayload: nil, at: "payload").isEmpty
        return Schema.Variant(
            command.type.rawValue,
            [mayBeLeftOut ? .optional("payload", command.payload) : .required("payload", command.payload)])
    }

    private static let example: JSONObject = [
        "type": "print_receipt", "payload": CommandDefinition.printReceipt.payload.example ?? [:],
    ]
}

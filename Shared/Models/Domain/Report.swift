import JSON

/// A stored X or Z report: what the register said of a day.
package struct Report: Encodable, Sendable, Equatable {
    /// The id of the command that printed it.
    package let id: String
    /// The device that printed it.
    package let deviceId: DeviceID
    /// Which of the two it is.
    package let type: ReportType
    /// The register's figures: `totals`, `vatBreakdown`, `receiptCount`, for a Z report `zNumber`.
    package let figures: JSONObject
    /// When it was stored.
    package let createdAt: Timestamp

    /// All members.
    package init(id: String, deviceId: DeviceID, type: ReportType, figures: JSONObject, createdAt: Timestamp) {
        self.id = id
        self.deviceId = deviceId
        self.type = type
        self.figures = figures
        self.createdAt = createdAt
    }

    /// One flat object; the figures never override the other members, and their amounts have two places. A figure that
    /// the register did not give, or not as such, is null.
    package func encode(to encoder: any Encoder) throws {
        var body = figures
        body["totals"] = Self.inMoney(["sales", "refunds", "net"], of: figures["totals"])
        if let lines = figures["vatBreakdown"]?.array {
            body["vatBreakdown"] = .array(lines.compactMap { Self.inMoney(["base", "amount"], of: $0) })
        }
        let promised =
            type == .z || body["zNumber"] != nil ? CommandDefinition.closingFields : CommandDefinition.reportFields
        for field in promised where !field.schema.violations(of: body[field.name] ?? nil, at: field.name).isEmpty {
            body[field.name] = .null
        }
        body["id"] = .string(id)
        body["deviceId"] = .string(deviceId.rawValue)
        body["type"] = .string(type.rawValue)
        body["createdAt"] = .string(createdAt.description)
        try JSON.object(body).encode(to: encoder)
    }

    /// What the register writes as it likes becomes money; what is none stays as it is.
    private static func inMoney(_ names: [String], of value: JSON?) -> JSON? {
        guard var object = value?.object else { return value }
        for name in names {
            guard let amount = object[name]?.number?.decimal, let money = Money(rounding: amount) else { continue }
            object[name] = money.json
        }
        return .object(object)
    }

    /// What a report looks like in JSON.
    package static let schema = Schema.object(
        CommandDefinition.reportFields.map { .required($0.name, $0.schema.orNull) } + [
            .optional("zNumber", Schema.integer(min: 0).orNull), .required("id", CommandID.schema),
            .required("deviceId", DeviceID.schema),
            .required("type", .oneOf(ReportType.self)), .required("createdAt", Timestamp.schema),
        ]
    ).named("Report").illustrated(by: example(of: .z))
        .described("A figure that the register did not give, or not as such, is null.")

    /// A report of that kind to show.
    package static func example(of type: ReportType) -> JSON {
        let numbered: JSONObject = type == .z ? ["zNumber": 112] : [:]
        return .object(
            CommandDefinition.figures.merging(numbered).merging([
                "id": "cmd_abc123", "deviceId": "dev_pos_01", "type": .string(type.rawValue),
                "createdAt": "2026-04-09T20:00:00.000Z",
            ]))
    }
}

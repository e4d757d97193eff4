import JSON

extension CommandDefinition {
    /// Sends bytes of the register's own protocol.
    package static let rawCommand = CommandDefinition(
        "raw_command", summary: "Sends bytes of the register's own protocol",
        payload: .object([.required("data", .string(.hexadecimal))]).named("RawCommandPayload")
            .illustrated(by: ["data": "014A"]),
        additionalScopes: [.devicesWrite])
}

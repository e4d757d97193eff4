import JSON

extension Command {
    /// What a command looks like in JSON.
    package static let schema = Schema.object([
        .required("id", CommandID.schema), .required("deviceId", DeviceID.schema),
        .required("type", CommandCatalogue.typeSchema), .required("payload", .freeFormObject),
        .required("orgId", OrgID.schema), .required("status", .oneOf(CommandStatus.self)),
        .required("apiKeyId", APIKeyID.schema.orNull), .optional("result", .freeFormObject),
        .optional("error", CommandError.schema), .required("outcome", .oneOf(CommandOutcome.self).orNull),
        .required("attempts", .integer(min: 0)), .required("createdAt", Timestamp.schema),
        .optional("sentAt", Timestamp.schema), .optional("finishedAt", Timestamp.schema),
        .optional("resolvedAt", Timestamp.schema), .required("updatedAt", Timestamp.schema),
    ]).named("Command").illustrated(by: [
        "id": "cmd_abc123", "deviceId": "dev_pos_01", "type": "print_receipt",
        "payload": CommandDefinition.printReceipt.payload.example ?? [:], "orgId": "acme_corp", "status": "pending",
        "apiKeyId": "apikey_abc", "outcome": nil, "attempts": 0, "createdAt": "2026-04-09T08:10:00.000Z",
        "updatedAt": "2026-04-09T08:10:00.000Z",
    ]).described(
        "outcome says what is known of the effect: null while pending, unknown while sent, then executed or not_executed."
    )
}

extension CommandError {
    /// What a command's error looks like in JSON.
    package static let schema = Schema.object([
        .required("code", .string), .required("message", .string), .required("retryable", .boolean),
    ]).named("CommandError")
}

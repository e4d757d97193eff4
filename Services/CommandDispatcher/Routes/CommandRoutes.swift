import Endpoints
import JSON
import Models

extension CommandDispatcherRoutes {
    package static let submitToDevice = Endpoint<CommandSubmission, JSON>(
        "devices.commands.create", .commandDispatcher, .post, "/api/v1/devices/{deviceId}/commands",
        summary:
            "Orders a command of one device; it is stored before the answer and delivered when the device is there",
        access: .scope(.commands), buckets: [.commands], body: CommandSubmission.schema, isIdempotent: true,
        success: .created(commandSchema), errors: [.notFound, .conflict])

    package static let submit = Endpoint<CommandSubmission, JSON>(
        "commands.create", .commandDispatcher, .post, "/api/v1/commands", summary: "Orders a command",
        access: .scope(.commands), buckets: [.commands], body: CommandSubmission.schemaWithDevice, isIdempotent: true,
        success: .created(commandSchema), errors: [.notFound, .conflict])

    package static let listCommands = Endpoint<CommandFilter, JSON>(
        "commands.list", .commandDispatcher, .get, "/api/v1/commands", summary: "Commands, newest first",
        access: .scope(.commands), query: CommandFilter.fields,
        success: .ok(
            .object([.required("commands", .array(of: commandSchema)), .required("nextCursor", .string.orNull)])
                .named("CommandPage")))

    package static let command = Endpoint<NoInput, JSON>(
        "commands.get", .commandDispatcher, .get, "/api/v1/commands/{commandId}", summary: "One command",
        access: .scope(.commands), success: .ok(commandSchema), errors: [.notFound])

    package static let cancelCommand = Endpoint<NoInput, JSON>(
        "commands.cancel", .commandDispatcher, .post, "/api/v1/commands/{commandId}/cancel",
        summary: "Withdraws a command that is still pending", access: .scope(.commands), success: .ok(commandSchema),
        errors: [.notFound, .conflict])

    static let commandSchema = Schema.object([
        .required("id", CommandID.schema), .required("deviceId", DeviceID.schema),
        .required("type", CommandCatalogue.typeSchema), .required("payload", .freeFormObject),
        .required("orgId", OrgID.schema), .required("status", .oneOf(CommandStatus.self)),
        .required("apiKeyId", APIKeyID.schema.orNull), .optional("result", .freeFormObject),
        .optional("error", commandErrorSchema), .required("outcome", Schema.oneOf(CommandOutcome.self).orNull),
        .required("attempts", .integer(min: 0)), .required("createdAt", .dateTime), .optional("sentAt", .dateTime),
        .optional("finishedAt", .dateTime), .optional("resolvedAt", .dateTime), .required("updatedAt", .dateTime),
    ]).named("Command")

    private static let commandErrorSchema = Schema.object([
        .required("code", .string), .required("message", .string), .required("retryable", .boolean),
    ]).named("CommandError")
}

/// Which commands a list shows.
package struct CommandFilter: Decodable, Sendable {
    package let deviceId: DeviceID?
    package let status: CommandStatus?
    package let type: CommandType?
    package let limit: Int
    package let cursor: String?

    static let fields: [Field] = [
        .optional("deviceId", DeviceID.schema), .optional("status", .oneOf(CommandStatus.self)),
        .optional("type", CommandCatalogue.typeSchema), .optional("limit", .integer(1...100), default: 50),
        .optional("cursor", .string(1...256)),
    ]
}

import Endpoints
import JSON
import Models

extension CommandDispatcherRoutes {
    package static let submitToDevice = Endpoint<CommandSubmission, Command>(
        "devices.commands.create", .commandDispatcher, .post, "/api/v1/devices/{deviceId}/commands",
        summary:
            "Orders a command of one device; it is stored before the answer and delivered when the device is there",
        notes: lifetime, access: .scope(.commands), buckets: [.commands], body: CommandSubmission.schema,
        isIdempotent: true,
        success: .created(Command.schema), errors: submissionRefusals, bodyLimit: longestSubmission)

    package static let submit = Endpoint<CommandSubmission, Command>(
        "commands.create", .commandDispatcher, .post, "/api/v1/commands", summary: "Orders a command",
        notes: lifetime, access: .scope(.commands), buckets: [.commands], body: CommandSubmission.schemaWithDevice,
        isIdempotent: true,
        success: .created(Command.schema), errors: submissionRefusals, bodyLimit: longestSubmission)

    /// A command reaches the app in one frame, which has 256 KiB at most.
    static let longestSubmission = 255 << 10

    private static let lifetime = """
        A device executes one command at a time, the oldest first. After 180 seconds a command that has not ended becomes \
        `timeout`: one that was never delivered never will be (`not_executed`), any other is `unknown` until the device \
        has told. Nothing is sent again unless the device says that it never arrived.
        """

    private static let submissionRefusals: [APIError] = [
        .noSuchDevice, .notEnded(CommandDefinition.zReport.type),
        .alsoTakes(.devicesWrite, CommandDefinition.rawCommand.type),
    ]

    package static let listCommands = Endpoint<CommandFilter, ListPage<Command>>(
        "commands.list", .commandDispatcher, .get, "/api/v1/commands", summary: "Commands, newest first",
        access: .scope(.commands), query: CommandFilter.fields,
        success: .ok(ListPage<Command>.schema))

    package static let command = Endpoint<NoInput, Command>(
        "commands.get", .commandDispatcher, .get, "/api/v1/commands/{commandId}", summary: "One command",
        access: .scope(.commands), success: .ok(Command.schema), errors: [.noSuchCommand])

    package static let cancelCommand = Endpoint<NoInput, Command>(
        "commands.cancel", .commandDispatcher, .post, "/api/v1/commands/{commandId}/cancel",
        summary: "Withdraws a command that is still pending", access: .scope(.commands),
        success: .ok(Command.schema).showing([
            "status": "cancelled", "outcome": "not_executed", "finishedAt": "2026-04-09T08:10:05.000Z",
            "updatedAt": "2026-04-09T08:10:05.000Z",
        ]), errors: [.noSuchCommand, .alreadyEnded(.completed)])
}

/// Which commands a list shows.
package struct CommandFilter: Decodable, Sendable {
    package let deviceId: DeviceID?
    package let status: CommandStatus?
    package let type: CommandType?
    package let limit: Int
    package let cursor: ListCursor?

    static let fields: [Field] = [
        .optional("deviceId", DeviceID.schema), .optional("status", .oneOf(CommandStatus.self)),
        .optional("type", CommandCatalogue.typeSchema), .optional("limit", .integer(1...100), default: 50),
        .optional("cursor", ListCursor.schema),
    ]
}

extension Command: ListEntry {
    package static var listName: String { "commands" }
    package static var pageName: String { "CommandPage" }
}

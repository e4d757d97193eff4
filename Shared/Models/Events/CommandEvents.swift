import JSON

/// What an event says of a command.
package struct CommandSummary: Codable, Sendable, Equatable {
    /// The command.
    package let commandId: CommandID
    /// The device that it was for.
    package let deviceId: DeviceID
    /// The kind of command.
    package let type: CommandType
    /// How far it got.
    package let status: CommandStatus
    /// What is known of its effect.
    package let outcome: CommandOutcome
    /// What the register answered, if it did.
    package let result: JSON?
    /// Why it failed, if it did.
    package let error: CommandError?

    /// All members.
    package init(
        commandId: CommandID, deviceId: DeviceID, type: CommandType, status: CommandStatus, outcome: CommandOutcome,
        result: JSON?, error: CommandError?
    ) {
        self.commandId = commandId
        self.deviceId = deviceId
        self.type = type
        self.status = status
        self.outcome = outcome
        self.result = result
        self.error = error
    }

    fileprivate static func example(_ status: CommandStatus, _ outcome: CommandOutcome) -> CommandSummary {
        let failed = status == .failed || status == .timeout
        return CommandSummary(
            commandId: "cmd_abc123", deviceId: "dev_pos_01", type: "print_receipt", status: status, outcome: outcome,
            result: failed ? nil : ["receiptNumber": "0000123"],
            error: failed ? CommandError(code: "E500", message: "Command timed out after 180s", retryable: true) : nil)
    }
}

/// An event about a command; its data is the command's summary.
package protocol CommandEvent: EventData {
    /// What is said of the command.
    var command: CommandSummary { get }
    /// The event about a command.
    init(_ command: CommandSummary)
}

extension CommandEvent {
    /// Seen by who may read commands.
    package static var scope: Scope? { .commands }

    /// Reads the summary.
    /// - Throws: `DecodingError` when it is none.
    package init(from decoder: any Decoder) throws { self.init(try CommandSummary(from: decoder)) }

    /// Writes the summary.
    package func encode(to encoder: any Encoder) throws { try command.encode(to: encoder) }
}

/// A command was executed.
package struct CommandCompleted: CommandEvent, Equatable {
    /// `command.completed`.
    package static let type: EventType = "command.completed"
    /// What is said of the command.
    package let command: CommandSummary
    /// The event about a command.
    package init(_ command: CommandSummary) { self.command = command }
    /// A receipt.
    package static var example: CommandCompleted { CommandCompleted(.example(.completed, .executed)) }
}

/// A command was not executed.
package struct CommandFailed: CommandEvent, Equatable {
    /// `command.failed`.
    package static let type: EventType = "command.failed"
    /// What is said of the command.
    package let command: CommandSummary
    /// The event about a command.
    package init(_ command: CommandSummary) { self.command = command }
    /// A receipt.
    package static var example: CommandFailed { CommandFailed(.example(.failed, .notExecuted)) }
}

/// A command got no answer in time.
package struct CommandTimedOut: CommandEvent, Equatable {
    /// `command.timeout`.
    package static let type: EventType = "command.timeout"
    /// What is said of the command.
    package let command: CommandSummary
    /// The event about a command.
    package init(_ command: CommandSummary) { self.command = command }
    /// A receipt.
    package static var example: CommandTimedOut { CommandTimedOut(.example(.timeout, .unknown)) }
}

/// The unknown outcome of a command became known.
package struct CommandResolved: CommandEvent, Equatable {
    /// `command.resolved`.
    package static let type: EventType = "command.resolved"
    /// What is said of the command.
    package let command: CommandSummary
    /// The event about a command.
    package init(_ command: CommandSummary) { self.command = command }
    /// A receipt.
    package static var example: CommandResolved { CommandResolved(.example(.timeout, .executed)) }
}

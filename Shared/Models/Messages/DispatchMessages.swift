import JSON

/// How a device answered a command: it did it, or it refused.
package enum DeviceAnswer: Codable, Sendable, Equatable {
    /// The register did it; the data as the device sent it, an object.
    case ok(data: JSON)
    /// The register did not do it.
    case error(CommandError)

    private enum CodingKeys: String, CodingKey { case ok, data, error }

    /// Decodes `{"ok":true,"data":{…}}` or `{"ok":false,"error":{…}}`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if try container.decode(Bool.self, forKey: .ok) {
            self = .ok(data: try container.decodeIfPresent(JSON.self, forKey: .data) ?? [:])
        } else {
            self = .error(try container.decode(CommandError.self, forKey: .error))
        }
    }

    /// Encodes the form that ``init(from:)`` reads.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .ok(let data):
            try container.encode(true, forKey: .ok)
            try container.encode(data, forKey: .data)
        case .error(let error):
            try container.encode(false, forKey: .ok)
            try container.encode(error, forKey: .error)
        }
    }
}

/// One answer of one device to one command.
package struct CommandResult: Codable, Sendable, Equatable {
    /// The device whose socket it came from.
    package let deviceId: DeviceID
    /// That device's organization.
    package let orgId: OrgID
    /// The socket's session.
    package let session: String
    /// The command that it says it answers.
    package let commandId: CommandID
    /// The answer.
    package let answer: DeviceAnswer

    /// All members.
    package init(deviceId: DeviceID, orgId: OrgID, session: String, commandId: CommandID, answer: DeviceAnswer) {
        self.deviceId = deviceId
        self.orgId = orgId
        self.session = session
        self.commandId = commandId
        self.answer = answer
    }
}

/// What the dispatcher did with something that a device reported.
package enum Verdict: String, Codable, Sendable {
    /// It is committed: the device may forget it.
    case committed
    /// It was recorded and is never applied: not this device's command, or nobody's.
    case refused
    /// Nothing to commit yet; the device must keep what it knows.
    case noted
}

/// The verdicts on a batch, in its order.
package struct Verdicts: Codable, Sendable, Equatable {
    /// One verdict an entry.
    package let verdicts: [Verdict]

    /// All members.
    package init(_ verdicts: [Verdict]) { self.verdicts = verdicts }
}

/// Brings answers of devices to the dispatcher; answered when they are committed.
package struct ReportResults: BusRequestMessage, Equatable {
    /// `dispatch.results`.
    package static let subject = "dispatch.results"
    /// Any instance of the dispatcher.
    package static let service = ServiceName.commandDispatcher

    /// The answers, at most 200, of any devices.
    package let results: [CommandResult]

    /// All members.
    package init(results: [CommandResult]) { self.results = results }

    /// One verdict an answer.
    package typealias Reply = Verdicts

    /// A printed receipt and a refused one.
    package static var example: ReportResults {
        ReportResults(results: [
            CommandResult(
                deviceId: "dev_pos_01", orgId: "acme_corp", session: "ses_1", commandId: "cmd_abc123",
                answer: .ok(data: ["receiptNumber": "0000123"])),
            CommandResult(
                deviceId: "dev_pos_01", orgId: "acme_corp", session: "ses_1", commandId: "cmd_abc124",
                answer: .error(CommandError(code: "E012", message: "Paper end", retryable: true))),
        ])
    }
}

/// What a device's journal says of one command.
package struct JournalEntry: Codable, Sendable, Equatable {
    /// The state in the journal.
    package enum State: String, Codable, Sendable {
        /// It ended; the answer says how.
        case executed
        /// The register is at it.
        case running
        /// It never arrived.
        case unknown
    }

    /// The command.
    package let commandId: CommandID
    /// Its state.
    package let state: State
    /// The answer, with `executed` only.
    package let answer: DeviceAnswer?

    /// All members.
    package init(commandId: CommandID, state: State, answer: DeviceAnswer? = nil) {
        self.commandId = commandId
        self.state = state
        self.answer = answer
    }
}

/// Brings a device's answer to ``QueryJournal`` to the dispatcher.
package struct JournalReport: BusRequestMessage, Equatable {
    /// `dispatch.journal`.
    package static let subject = "dispatch.journal"
    /// Any instance of the dispatcher.
    package static let service = ServiceName.commandDispatcher

    /// The device whose socket it came from.
    package let deviceId: DeviceID
    /// That device's organization.
    package let orgId: OrgID
    /// The socket's session.
    package let session: String
    /// The entries, at most 1,000.
    package let entries: [JournalEntry]

    /// All members.
    package init(deviceId: DeviceID, orgId: OrgID, session: String, entries: [JournalEntry]) {
        self.deviceId = deviceId
        self.orgId = orgId
        self.session = session
        self.entries = entries
    }

    /// One verdict an entry.
    package typealias Reply = Verdicts

    /// One entry of each state.
    package static var example: JournalReport {
        JournalReport(
            deviceId: "dev_pos_01", orgId: "acme_corp", session: "ses_2",
            entries: [
                JournalEntry(commandId: "cmd_abc123", state: .executed, answer: .ok(data: [:])),
                JournalEntry(commandId: "cmd_abc124", state: .running),
                JournalEntry(commandId: "cmd_abc125", state: .unknown),
            ])
    }
}

/// Tells the dispatcher that a device has a new socket: time to ask about unknown outcomes, then to deliver.
package struct DeviceConnected: BusRequestMessage, Equatable {
    /// `dispatch.device-connected`.
    package static let subject = "dispatch.device-connected"
    /// Any instance of the dispatcher.
    package static let service = ServiceName.commandDispatcher

    /// The device.
    package let deviceId: DeviceID
    /// Its organization.
    package let orgId: OrgID
    /// The gateway instance that holds the socket.
    package let instance: String
    /// The socket's session.
    package let session: String

    /// All members.
    package init(deviceId: DeviceID, orgId: OrgID, instance: String, session: String) {
        self.deviceId = deviceId
        self.orgId = orgId
        self.instance = instance
        self.session = session
    }

    /// Nothing but that it was noticed.
    package typealias Reply = Done

    /// One device.
    package static var example: DeviceConnected {
        DeviceConnected(deviceId: "dev_pos_01", orgId: "acme_corp", instance: "gateway-1", session: "ses_1")
    }
}

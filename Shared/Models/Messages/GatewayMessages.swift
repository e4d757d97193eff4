import JSON

/// Asks the gateway that holds a device's socket to send it a command.
package struct DeliverCommand: BusRequestMessage, Equatable {
    /// `gateway.deliver`.
    package static let subject = "gateway.deliver"
    /// The gateway; addressed to the instance in the device's presence record.
    package static let service = ServiceName.gateway

    /// The device.
    package let deviceId: DeviceID
    /// The session for which the command was claimed; any other is refused.
    package let session: String
    /// The command.
    package let commandId: CommandID
    /// The command's wire name, for example `print_receipt`.
    package let type: String
    /// The command's payload as it was validated.
    package let payload: JSON
    /// The moment after which the app must not start the command any more.
    package let expiresAt: Timestamp
    /// The moment, by the clock of the bus, after which the gateway must not write the frame any more: the sender has
    /// given up by then.
    package let deliverBefore: Timestamp

    /// All members.
    package init(
        deviceId: DeviceID, session: String, commandId: CommandID, type: String, payload: JSON, expiresAt: Timestamp,
        deliverBefore: Timestamp
    ) {
        self.deviceId = deviceId
        self.session = session
        self.commandId = commandId
        self.type = type
        self.payload = payload
        self.expiresAt = expiresAt
        self.deliverBefore = deliverBefore
    }

    /// Whether the frame was handed to the socket.
    package typealias Reply = Delivery

    /// A cash balance query.
    package static var example: DeliverCommand {
        DeliverCommand(
            deviceId: "dev_pos_01", session: "ses_1", commandId: "cmd_abc123", type: "get_cash_amount", payload: [:],
            expiresAt: "2026-04-09T08:13:00.000Z", deliverBefore: "2026-04-09T08:10:04.000Z")
    }
}

/// What became of a frame for a device.
package struct Delivery: Codable, Sendable, Equatable {
    /// Whether the socket took it.
    package enum Outcome: String, Codable, Sendable {
        /// The frame was handed to the socket; nobody knows yet whether it arrives.
        case written
        /// The frame was certainly not sent, and never will be.
        case notDelivered
    }

    /// What became of it.
    package let outcome: Outcome

    /// All members.
    package init(_ outcome: Outcome) { self.outcome = outcome }
}

/// Asks the gateway to ask a device's journal about commands whose outcome is unknown.
package struct QueryJournal: BusRequestMessage, Equatable {
    /// `gateway.query`.
    package static let subject = "gateway.query"
    /// The gateway; addressed to the instance in the device's presence record.
    package static let service = ServiceName.gateway

    /// The device.
    package let deviceId: DeviceID
    /// The session that is to be asked; any other is refused.
    package let session: String
    /// The commands, at most 1,000.
    package let commandIds: [CommandID]

    /// All members.
    package init(deviceId: DeviceID, session: String, commandIds: [CommandID]) {
        self.deviceId = deviceId
        self.session = session
        self.commandIds = commandIds
    }

    /// Whether the question was handed to the socket; the answer comes as ``JournalReport``.
    package typealias Reply = Delivery

    /// One command.
    package static var example: QueryJournal {
        QueryJournal(deviceId: "dev_pos_01", session: "ses_1", commandIds: ["cmd_abc123"])
    }
}

/// Tells a gateway that one of its sessions was superseded by a newer socket elsewhere.
package struct EvictSession: BusRequestMessage, Equatable {
    /// `gateway.evict`.
    package static let subject = "gateway.evict"
    /// The gateway; addressed to the instance that held the presence record.
    package static let service = ServiceName.gateway

    /// The device.
    package let deviceId: DeviceID
    /// The session that was superseded; a newer one of the same device stays.
    package let session: String

    /// All members.
    package init(deviceId: DeviceID, session: String) {
        self.deviceId = deviceId
        self.session = session
    }

    /// Nothing but that it was carried out.
    package typealias Reply = Done

    /// One session.
    package static var example: EvictSession { EvictSession(deviceId: "dev_pos_01", session: "ses_1") }
}

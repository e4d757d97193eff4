/// New rows stand in the outbox.
package struct OutboxGrew: BusHint, Equatable {
    /// `hint.outbox`.
    package static let subject = "hint.outbox"
    /// The one value.
    package init() {}
    /// The one value.
    package static var example: OutboxGrew { OutboxGrew() }
}

/// Commands have reached a final state, or their outcome has become known.
package struct CommandsFinished: BusHint, Equatable {
    /// `hint.command.finished`.
    package static let subject = "hint.command.finished"
    /// The commands.
    package let commandIds: [CommandID]
    /// All members.
    package init(commandIds: [CommandID]) { self.commandIds = commandIds }
    /// One command.
    package static var example: CommandsFinished { CommandsFinished(commandIds: ["cmd_abc123"]) }
}

/// A device was deleted: end what is left of it.
package struct DeviceGone: BusHint, Equatable {
    /// `hint.device.gone`.
    package static let subject = "hint.device.gone"
    /// The device.
    package let deviceId: DeviceID
    /// All members.
    package init(deviceId: DeviceID) { self.deviceId = deviceId }
    /// One device.
    package static var example: DeviceGone { DeviceGone(deviceId: "dev_pos_01") }
}

/// Credentials, roles or the plan of an organization have changed: forget what is cached of them.
package struct CredentialsChanged: BusHint, Equatable {
    /// `hint.credentials.changed`.
    package static let subject = "hint.credentials.changed"
    /// The organization.
    package let orgId: OrgID
    /// All members.
    package init(orgId: OrgID) { self.orgId = orgId }
    /// One organization.
    package static var example: CredentialsChanged { CredentialsChanged(orgId: "acme_corp") }
}

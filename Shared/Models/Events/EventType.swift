/// The name of an event, such as `receipt.created`; open, because rows of the outbox outlive their types.
package struct EventType: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    /// The name as it stands on the wire and in the outbox.
    package let rawValue: String

    /// The type of that name.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// The type of that name.
    package init(stringLiteral value: String) { rawValue = value }

    /// The name.
    package var description: String { rawValue }
}

/// What an event of one type carries; the name and who may listen belong to the type.
package protocol EventData: Codable, Sendable {
    /// The type's name.
    static var type: EventType { get }
    /// What an API key must hold to listen on the events socket; nil for events that stay between the services.
    static var scope: Scope? { get }
    /// A complete value; its JSON under `Tests/ModelsTests/Golden` must keep decoding.
    static var example: Self { get }
}

/// The types of event that there are: a new one is a struct in this folder and a line here.
package enum EventCatalogue {
    /// Everything that is written to the outbox.
    package static let all: [any EventData.Type] = [
        DeviceStatusChanged.self,
        DeviceClaimed.self,
        DeviceReleased.self,
        DeviceAlertChanged.self,
        ReceiptCreated.self,
        CommandCompleted.self,
        CommandFailed.self,
        CommandTimedOut.self,
        CommandResolved.self,
        AppConnected.self,
        AppDisconnected.self,
        DeviceRegistered.self,
        DeviceDeleted.self,
        DeviceFlagsReported.self,
        PlanChanged.self,
        PaymentFailed.self,
        PaymentActionRequired.self,
        TrialEnding.self,
        SubscriptionEnded.self,
        InvitationIssued.self,
        PasswordResetRequested.self,
    ]

    /// The scope that an API key needs for each type that the events socket shows.
    package static let publicScopes: [EventType: Scope] = Dictionary(
        uniqueKeysWithValues: all.compactMap { data in data.scope.map { (data.type, $0) } })

    /// The scopes of which an API key needs one at least to listen to anything.
    package static let listeningScopes = Scope.allCases.filter(publicScopes.values.contains)
}

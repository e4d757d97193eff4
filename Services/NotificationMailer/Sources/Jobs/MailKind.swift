import JSON
import Models

/// What a job's data is and how it reads; open, because rows outlive their kinds.
struct MailKind: RawRepresentable, Hashable, Sendable {
    let rawValue: String

    static let alertRaised = MailKind(rawValue: "alert_raised")
    static let invitation = MailKind(rawValue: "invitation")
    static let passwordReset = MailKind(rawValue: "password_reset")
}

/// The kinds of mail that there are: a new one is a template and a line here.
struct MailCatalogue: Sendable {
    let portal: PortalLinks

    /// Nil when there is no such kind; throws when the data is not its own.
    func content(_ kind: MailKind, _ data: JSON, organization: String) throws -> MailContent? {
        try Self.templates[kind]?(data, organization, portal)
    }

    private static let templates: [MailKind: @Sendable (JSON, String, PortalLinks) throws -> MailContent] = [
        .alertRaised: { data, organization, _ in
            .raised(try data.decode(DeviceAlertChanged.self).alert, organization: organization)
        },
        .invitation: { data, organization, portal in
            .invitation(try data.decode(InvitationIssued.self), organization: organization, portal: portal)
        },
        .passwordReset: { data, _, portal in
            .passwordReset(try data.decode(PasswordResetRequested.self), portal: portal)
        },
    ]
}

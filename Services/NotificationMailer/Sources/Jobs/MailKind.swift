import JSON
import Models

/// What a job's data is and how it reads; open, because rows outlive their kinds.
struct MailKind: RawRepresentable, Hashable, Sendable {
    let rawValue: String

    static let alertRaised = MailKind(rawValue: "alert_raised")
}

/// The kinds of mail that there are: a new one is a template and a line here.
enum MailCatalogue {
    /// Nil when there is no such kind; throws when the data is not its own.
    static func content(_ kind: MailKind, _ data: JSON, organization: String) throws -> MailContent? {
        try templates[kind]?(data, organization)
    }

    private static let templates: [MailKind: @Sendable (JSON, String) throws -> MailContent] = [
        .alertRaised: { data, organization in
            .raised(try data.decode(DeviceAlertChanged.self).alert, organization: organization)
        }
    ]
}

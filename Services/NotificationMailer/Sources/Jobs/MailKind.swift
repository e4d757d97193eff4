import JSON
import Models

/// What a job's data is and how it reads; open, because rows outlive their kinds.
struct MailKind: RawRepresentable, Hashable, Sendable {
    let rawValue: String

    static let alertRaised = MailKind(rawValue: "alert_raised")
    static let alertCleared = MailKind(rawValue: "alert_cleared")
    static let deviceOffline = MailKind(rawValue: "device_offline")
    static let deviceBack = MailKind(rawValue: "device_back")
    static let zReport = MailKind(rawValue: "z_report")
    static let invitation = MailKind(rawValue: "invitation")
    static let passwordReset = MailKind(rawValue: "password_reset")

    /// Whose subscribers get it; nil for what is sent to one mailbox because somebody asked for it.
    var category: NotificationCategory? { MailCatalogue.templates[self]?.category }
}

/// The kinds of mail that there are: a new one is a template and a line here.
enum MailCatalogue {
    struct Template: Sendable {
        let category: NotificationCategory?
        let write: @Sendable (MailSubject) throws -> MailContent
    }

    static let templates: [MailKind: Template] = [
        .alertRaised: Template(category: .alerts) {
            .raised(try $0.decode(DeviceAlertChanged.self).alert, subject: $0)
        },
        .alertCleared: Template(category: .alerts) {
            .cleared(try $0.decode(Sequel<DeviceAlertChanged>.self).cleared.alert, subject: $0)
        },
        .deviceOffline: Template(category: .deviceEvents) { .offline(try $0.decode(), subject: $0) },
        .deviceBack: Template(category: .deviceEvents) { .back(try $0.decode(), subject: $0) },
        .zReport: Template(category: .reports) { .zReport(try $0.decode(), subject: $0) },
        .invitation: Template(category: nil) {
            .invitation(try $0.decode(), organization: $0.organization, portal: $0.portal)
        },
        .passwordReset: Template(category: nil) { .passwordReset(try $0.decode(), portal: $0.portal) },
    ]
}

/// The data of a mail that follows another one: what that one said, and what has become of it.
struct Sequel<Change: Codable & Sendable>: Codable, Sendable {
    let raised: Change
    let cleared: Change
}

import JSON
import Models

/// What a job's data is and how it reads; open, because rows outlive their kinds.
struct MailKind: RawRepresentable, Hashable, Sendable {
    let rawValue: String

    static let alertRaised = MailKind(rawValue: "alert_raised")
    static let alertCleared = MailKind(rawValue: "alert_cleared")
    static let deviceOffline = MailKind(rawValue: "device_offline")
    static let deviceBack = MailKind(rawValue: "device_back")
    static let deviceFaulty = MailKind(rawValue: "device_faulty")
    static let deviceRecovered = MailKind(rawValue: "device_recovered")
    static let zReport = MailKind(rawValue: "z_report")
    static let planChanged = MailKind(rawValue: "plan_changed")
    static let paymentFailed = MailKind(rawValue: "payment_failed")
    static let paymentActionRequired = MailKind(rawValue: "payment_action_required")
    static let trialEnding = MailKind(rawValue: "trial_ending")
    static let subscriptionEnded = MailKind(rawValue: "subscription_ended")
    static let digest = MailKind(rawValue: "digest")
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
        .deviceFaulty: Template(category: .deviceEvents) { .faulty(try $0.decode(), subject: $0) },
        .deviceRecovered: Template(category: .deviceEvents) { .recovered(try $0.decode(), subject: $0) },
        .zReport: Template(category: .reports) { .zReport(try $0.decode(), subject: $0) },
        .planChanged: Template(category: .billing) { .planChanged(try $0.decode(), subject: $0) },
        .paymentFailed: Template(category: .billing) { .paymentFailed(try $0.decode(), subject: $0) },
        .paymentActionRequired: Template(category: .billing) { .paymentActionRequired(try $0.decode(), subject: $0) },
        .trialEnding: Template(category: .billing) { .trialEnding(try $0.decode(), subject: $0) },
        .subscriptionEnded: Template(category: .billing) { .subscriptionEnded(try $0.decode(), subject: $0) },
        .digest: Template(category: .analytics) { .digest(try $0.decode(), subject: $0) },
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

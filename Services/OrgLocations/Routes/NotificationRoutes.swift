import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let notifications = Endpoint<NoInput, NotificationSettings>(
        "notifications.get", .orgLocations, .get, "/api/v1/org/settings/notifications",
        summary: "Who gets mails about what", access: .administrator, success: .ok(NotificationSettings.schema),
        errors: [.noSuchOrganization])

    package static let replaceNotifications = Endpoint<NotificationSettings, NotificationSettings>(
        "notifications.replace", .orgLocations, .patch, "/api/v1/org/settings/notifications",
        summary: "Replaces the list of those who get mails",
        notes: """
            The body is the complete list, in the order in which it is shown; an empty one clears it. An address, \
            whatever its case, may be in it once. A category that is named twice counts once.
            """,
        access: .administrator, body: NotificationSettings.schema, success: .ok(NotificationSettings.schema),
        errors: [.noSuchOrganization])
}

package struct NotificationSettings: Codable, Sendable {
    package let subscribers: [NotificationSubscriber]

    package init(subscribers: [NotificationSubscriber]) { self.subscribers = subscribers }

    static let schema = Schema.object(
        [.required("subscribers", .array(of: NotificationSubscriber.schema, max: NotificationSubscriber.limit))],
        rules: [NotificationSubscriber.eachOnce]
    ).named("NotificationSettings").illustrated(by: [
        "subscribers": [
            ["email": "owner@acme.example", "categories": ["reports", "billing"]],
            ["email": "ops@acme.example", "categories": ["alerts", "device_events"]],
        ]
    ])
}

package struct NotificationSubscriber: Codable, Sendable {
    package let email: String
    package let categories: [NotificationCategory]

    package init(email: String, categories: [NotificationCategory]) {
        self.email = email
        self.categories = categories
    }

    static let limit = 20

    static let schema = Schema.object([
        .required("email", .string(.email)),
        .required("categories", .array(of: .oneOf(NotificationCategory.self), min: 1)),
    ]).named("NotificationSubscriber").illustrated(by: ["email": "owner@acme.example", "categories": ["reports"]])

    /// Two entries of one address would leave open which of them counts.
    static let eachOnce = Rule("each email may be given once", reading: []) { object in
        var first: [String: Int] = [:]
        return (object["subscribers"]?.array ?? []).prefix(limit).enumerated().compactMap { index, subscriber in
            guard let email = subscriber["email"]?.string?.lowercased(), StringFormat.email.accepts(email) else {
                return nil
            }
            guard let earlier = first[email] else {
                first[email] = index
                return nil
            }
            return .init("subscribers[\(index)].email", "email is the same as subscribers[\(earlier)].email")
        }
    }
}

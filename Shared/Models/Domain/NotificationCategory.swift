/// What kind of news a subscriber wants to be mailed.
package enum NotificationCategory: String, Codable, Sendable, CaseIterable {
    /// The reports that registers print.
    case reports
    /// Alerts raised and cleared.
    case alerts
    /// The plan and its payment.
    case billing
    /// Devices that come and go.
    case deviceEvents = "device_events"
    /// The digest of the week.
    case analytics
}

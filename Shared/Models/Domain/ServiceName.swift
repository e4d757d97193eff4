/// The only place that declares what the services say to each other and to the world.
///
/// The services, by the names they have on the bus, in the log and in the stack.
package enum ServiceName: String, Codable, Sendable, CaseIterable {
    /// Authenticates, limits and forwards whatever comes from outside.
    case edgeRouter = "edge-router"
    /// Holds the sockets.
    case gateway
    /// Runs the commands.
    case commandDispatcher = "command-dispatcher"
    /// Derives alerts.
    case alertsEngine = "alerts-engine"
    /// Owns organizations, people, keys, locations and devices.
    case orgLocations = "org-locations"
    /// Listens to Stripe.
    case billingWebhooks = "billing-webhooks"
    /// Sends mail.
    case notificationMailer = "notification-mailer"
}

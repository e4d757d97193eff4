import Foundation

/// What a test needs to act on a running stack: the contents of its `demo.env`.
package struct StackVariables: Sendable {
    private let values: [String: String]

    init(file: URL) throws {
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let pairs = lines.map { line in
            let parts = line.split(separator: "=", maxSplits: 1)
            return (String(parts[0]), parts[1].trimmingCharacters(in: ["'"]))
        }
        values = Dictionary(uniqueKeysWithValues: pairs)
    }

    /// The value of a variable; an empty string when the file lacks it, so that the request that uses it says so.
    package subscript(name: String) -> String { values[name] ?? "" }

    /// The edge's address, `http://127.0.0.1:<port>`.
    package var url: String { self["EBON_URL"] }
    /// The organization that all other values belong to.
    package var organization: String { self["EBON_ORG"] }
    /// A key of the organization with every scope.
    package var apiKey: String { self["EBON_API_KEY"] }
    /// The owner's e-mail address.
    package var email: String { self["EBON_EMAIL"] }
    /// The owner's password.
    package var password: String { self["EBON_PASSWORD"] }
    /// The organization's first device, which has a controller.
    package var device: String { self["EBON_DEVICE"] }
    /// The secret that signs Stripe's webhooks.
    package var stripeWebhookSecret: String { self["EBON_STRIPE_WEBHOOK_SECRET"] }
    /// The Stripe price of the pro plan.
    package var pricePro: String { self["EBON_STRIPE_PRICE_PRO"] }
    /// The Stripe price of the enterprise plan.
    package var priceEnterprise: String { self["EBON_STRIPE_PRICE_ENTERPRISE"] }
    /// The secret that signs the portal's access tokens.
    package var jwtSecret: String { self["EBON_JWT_SECRET"] }
    /// The Maildir of everything that was mailed.
    package var mailDirectory: String { self["EBON_MAIL_DIR"] }
    /// The database, as its owner.
    package var databaseURL: String { self["DATABASE_URL"] }
    /// Redis, with every right.
    package var redisURL: String { self["REDIS_URL"] }
}

import JSON
import Models

/// What is read of an event; the rest of the payload is kept as the bytes that were signed.
struct StripeEvent: Sendable {
    let id: String
    let type: String
    let occurredAt: Timestamp
    let apiVersion: String?
    let isTest: Bool
    let object: JSON

    struct Unreadable: Error {
        let problem: String
    }

    init(parsing body: [UInt8]) throws(Unreadable) {
        let json: JSON
        do { json = try JSON(parsing: body) } catch { throw Unreadable(problem: "The body is not valid JSON") }
        guard let id = json["id"]?.identifier, let type = json["type"]?.string, (1...100).contains(type.utf8.count),
            let occurredAt = json["created"]?.stripeTime, let object = json["data"]?["object"], object.object != nil
        else { throw Unreadable(problem: "The body is not a Stripe event") }
        self.id = id
        self.type = type
        self.occurredAt = occurredAt
        self.apiVersion = json["api_version"]?.string
        self.isTest = json["livemode"]?.bool == false
        self.object = object
    }

    /// A checkout session names its organization where it was opened; everything else carries our metadata, invoices
    /// that of their subscription (before and after 2025-03-31).
    var namedOrganization: String? {
        let bearers = [object, object["subscription_details"], object["parent"]?["subscription_details"]]
        let named = [object["client_reference_id"]] + bearers.map { $0?["metadata"]?["orgId"] }
        return named.lazy.compactMap { $0?.identifier }.first
    }

    var customerID: String? {
        object["object"]?.string == "customer" ? object["id"]?.identifier : object["customer"]?.reference
    }

    /// The subscription itself, or the one that a session or an invoice (before and after 2025-03-31) is about.
    var subscriptionID: String? {
        if type.hasPrefix("customer.subscription.") { return object["id"]?.identifier }
        let named = [object["subscription"], object["parent"]?["subscription_details"]?["subscription"]]
        return named.lazy.compactMap { $0?.reference }.first
    }
}

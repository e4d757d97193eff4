import JSON
import Models

/// What is read of an event; the rest of the payload is kept as the bytes that were signed.
struct StripeEvent: Sendable {
    let id: String
    let type: String
    let occurredAt: Timestamp
    let apiVersion: String?
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
        self.object = object
    }

    /// A checkout session names its organization where it was opened; everything else carries our metadata.
    var namedOrganization: String? {
        let metadata = object["metadata"] ?? object["parent"]?["subscription_details"]?["metadata"]
        let named = [object["client_reference_id"], metadata?["orgId"]].compactMap { $0?.identifier }
        return named.first
    }

    var customerID: String? {
        object["object"]?.string == "customer" ? object["id"]?.identifier : object["customer"]?.reference
    }

    /// The subscription itself, or the one that a session or an invoice (before and after 2025-03-31) is about.
    var subscriptionID: String? {
        if type.hasPrefix("customer.subscription.") { return object["id"]?.identifier }
        return (object["subscription"] ?? object["parent"]?["subscription_details"]?["subscription"])?.reference
    }
}

extension JSON {
    /// An identifier that fits where identifiers are stored.
    var identifier: String? { string.flatMap { (1...255).contains($0.utf8.count) ? $0 : nil } }

    /// Stripe names another object by its id, or expands it in place.
    var reference: String? { (string == nil ? self["id"] : self)?.identifier }

    /// Whole seconds since 1970, in a range that every clock and column can hold.
    var stripeTime: Timestamp? {
        guard let seconds = integer, (0...99_999_999_999).contains(seconds) else { return nil }
        return Timestamp(milliseconds: seconds * 1000)
    }
}

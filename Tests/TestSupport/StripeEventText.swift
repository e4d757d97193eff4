import JSON

/// An event as Stripe would send it: by default of subscription `sub_1` of customer `cus_1`.
package struct StripeEventText: Sendable {
    /// `evt_…`
    package private(set) var id: String
    private let type: String
    private let second: Int
    private var object: JSONObject

    /// An event that happened at this second, of a subscription that ends a month later.
    package init(
        _ type: String, second: Int, status: String = "active", price: String = "price_pro", metadata: String? = nil
    ) {
        id = "evt_\(type)_\(second)_\(status)_\(price)"
        self.type = type
        self.second = second
        object = [
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": .string(status), "created": 1,
            "items": ["data": [["price": ["id": .string(price)], "current_period_end": .number(second + 2_592_000)]]],
            "metadata": [:],
        ]
        if let metadata { object["metadata"] = ["orgId": .string(metadata)] }
    }

    /// A checkout that is completed.
    package static func checkout(second: Int, organization: String) -> StripeEventText {
        var event = StripeEventText("checkout.session.completed", second: second)
        event.object = [
            "id": "cs_1", "object": "checkout.session", "customer": "cus_1", "subscription": "sub_1",
            "client_reference_id": .string(organization),
        ]
        return event
    }

    /// An invoice as it looks since 2025-03-31, or as it looked before.
    package static func invoice(_ type: String, second: Int, isOld: Bool = false, metadata: String? = nil)
        -> StripeEventText
    {
        var event = StripeEventText(type, second: second)
        event.object = [
            "id": "in_1", "object": "invoice", "customer": "cus_1", "number": "EBON-0042", "currency": "ron",
            "amount_due": 14_900, "amount_paid": 0, "created": .number(second), "status": "open",
            "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1/test_1",
            "next_payment_attempt": .number(second + 86_400),
        ]
        let metadata: JSONObject = metadata.map { ["orgId": .string($0)] } ?? [:]
        if isOld {
            event.object["subscription"] = "sub_1"
            event.object["subscription_details"] = ["metadata": .object(metadata)]
        } else {
            event.object["parent"] = [
                "type": "subscription_details",
                "subscription_details": ["subscription": "sub_1", "metadata": .object(metadata)],
            ]
        }
        return event
    }

    /// The subscription of the event, as Stripe shows it to who asks.
    package var subscription: JSONObject { object }

    /// The same event with another member of its object.
    package func with(_ name: String, _ value: JSON) -> StripeEventText {
        var event = self
        event.object[name] = value
        return event
    }

    /// The same event, under another id, of another subscription and customer.
    package func belonging(to subscription: String, _ customer: String, _ id: String, createdAt: Int? = nil)
        -> StripeEventText
    {
        var event = self
        event.id = id
        event.object["id"] = .string(subscription)
        event.object["customer"] = .string(customer)
        if let createdAt { event.object["created"] = .number(createdAt) }
        return event
    }

    /// The same event about another subscription, customer and organization, whatever kind of object it has.
    package func renamed(subscription: String, customer: String, organization: String, id: String) -> StripeEventText {
        var event = self
        event.id = id
        event.object["customer"] = .string(customer)
        switch object["object"]?.string {
        case "subscription": event.object["id"] = .string(subscription)
        case "checkout.session":
            event.object["subscription"] = .string(subscription)
            event.object["client_reference_id"] = .string(organization)
        default:
            if object["subscription"] != nil { event.object["subscription"] = .string(subscription) }
            if object["parent"] != nil {
                event.object["parent"] = ["subscription_details": ["subscription": .string(subscription)]]
            }
        }
        return event
    }

    /// The same event, whose object names an organization.
    package func with(metadata: String) -> StripeEventText {
        var event = self
        event.object["metadata"] = ["orgId": .string(metadata)]
        return event
    }

    /// The event as Stripe sends it in test mode.
    package var inTestMode: JSON {
        var event = json.object ?? [:]
        event["livemode"] = false
        return .object(event)
    }

    /// The whole event.
    package var json: JSON {
        [
            "id": .string(id), "object": "event", "api_version": "2025-03-31.basil", "created": .number(second),
            "type": .string(type), "data": ["object": .object(object)],
        ]
    }
}

import JSON
import Models
import Testing

@testable import BillingWebhooks

@Suite("The state of a subscription") struct SubscriptionStateTests {
    private static let catalogue = PriceCatalogue(pro: ["price_pro", "price_pro_2024"], enterprise: ["price_ent"])

    struct History: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let events: [Event]
        let status: String
        let plan: Plan?
    }

    struct Event: Sendable {
        let type: String
        let second: Int
        let status: String
        var price = "price_pro"
    }

    static let histories = [
        History(
            testDescription: "paid from the start",
            events: [
                Event(type: "created", second: 1, status: "incomplete"),
                Event(type: "updated", second: 2, status: "active"),
            ], status: "active", plan: .pro),
        History(
            testDescription: "created and paid within one second",
            events: [
                Event(type: "created", second: 1, status: "incomplete"),
                Event(type: "updated", second: 1, status: "active"),
            ], status: "active", plan: .pro),
        History(
            testDescription: "upgraded in the second of its creation",
            events: [
                Event(type: "created", second: 1, status: "active"),
                Event(type: "updated", second: 1, status: "active", price: "price_ent"),
            ], status: "active", plan: .enterprise),
        History(
            testDescription: "paid in the second of an older state with another price",
            events: [
                Event(type: "updated", second: 1, status: "active"),
                Event(type: "updated", second: 1, status: "incomplete", price: "price_ent"),
            ], status: "active", plan: .pro),
        History(
            testDescription: "ended, with news that claim otherwise",
            events: [
                Event(type: "created", second: 1, status: "active"),
                Event(type: "deleted", second: 3, status: "canceled"),
                Event(type: "updated", second: 4, status: "active"),
                Event(type: "resumed", second: 5, status: "active"),
            ], status: "canceled", plan: .pro),
        History(
            testDescription: "ended in the second of another change",
            events: [
                Event(type: "updated", second: 2, status: "active"),
                Event(type: "deleted", second: 2, status: "canceled"),
                Event(type: "updated", second: 2, status: "past_due"),
            ], status: "canceled", plan: .pro),
        History(
            testDescription: "moved to a price that is not ours",
            events: [
                Event(type: "created", second: 1, status: "active"),
                Event(type: "updated", second: 2, status: "past_due", price: "price_of_somebody_else"),
            ], status: "past_due", plan: .pro),
        History(
            testDescription: "paused and resumed",
            events: [
                Event(type: "created", second: 1, status: "active"),
                Event(type: "paused", second: 2, status: "paused"),
                Event(type: "resumed", second: 3, status: "active"),
            ], status: "active", plan: .pro),
        History(
            testDescription: "never ours",
            events: [Event(type: "created", second: 1, status: "active", price: "price_of_somebody_else")],
            status: "active", plan: nil),
    ]

    @Test("is the same in whatever order, and however often, its events arrive", arguments: histories)
    func orderDoesNotMatter(_ history: History) throws {
        let states = try history.events.enumerated().map { index, event in
            try Self.state(event, id: "evt_\(index)")
        }
        for order in allOrders(of: states) {
            var state = order[0]
            for next in order + order { state = state.merged(with: next) }
            #expect(state.status.value.rawValue == history.status)
            #expect(state.plan?.plan == history.plan)
        }
    }

    @Test("is read alike from payloads before and after 2025-03-31")
    func payloadShapes() throws {
        let item: JSONObject = ["price": ["id": "price_pro"]]
        var dated = item
        dated["current_period_end"] = 1_752_000_000
        var before = Self.subscription(status: "active", price: "price_pro")
        before["items"] = ["data": [.object(item)]]
        before["current_period_end"] = 1_752_000_000
        var after = Self.subscription(status: "active", price: "price_pro")
        after["items"] = ["data": [.object(dated)]]
        for object in [before, after] {
            let event = try Self.event("updated", second: 1, id: "evt_1", object)
            let snapshot = try #require(SubscriptionSnapshot(event))
            #expect(snapshot.currentPeriodEnd == Timestamp(milliseconds: 1_752_000_000_000))
            #expect(snapshot.priceIDs == ["price_pro"])
        }
    }

    @Test("takes the highest of several prices, whose names may be lists")
    func prices() {
        #expect(Self.catalogue.plan(for: ["price_addon", "price_pro_2024", "price_ent"]) == .enterprise)
        #expect(Self.catalogue.plan(for: ["price_pro_2024"]) == .pro)
        #expect(Self.catalogue.plan(for: ["price_addon"]) == nil)
        #expect(Self.catalogue.plan(for: []) == nil)
    }

    private static func state(_ event: Event, id: String) throws -> SubscriptionState {
        let object = subscription(status: event.status, price: event.price)
        let parsed = try self.event(event.type, second: event.second, id: id, object)
        let reported = try #require(StripeReport(parsed).state)
        return SubscriptionState(reported, plan: catalogue.plan(for: reported.snapshot.priceIDs))
    }

    private static func event(_ type: String, second: Int, id: String, _ object: JSONObject) throws -> StripeEvent {
        let json: JSON = [
            "id": .string(id), "type": .string("customer.subscription.\(type)"), "created": .number(second),
            "data": ["object": .object(object)],
        ]
        return try StripeEvent(parsing: json.serialized())
    }

    private static func subscription(status: String, price: String) -> JSONObject {
        [
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": .string(status), "created": 1,
            "items": ["data": [["price": ["id": .string(price)]]]],
        ]
    }
}

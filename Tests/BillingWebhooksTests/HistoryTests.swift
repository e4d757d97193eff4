import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import BillingWebhooks

/// Histories as Stripe tells them: late, twice, in any order, several at once.
@Suite("The plan after a history", .timeLimit(.minutes(5))) @Loop struct HistoryTests {
    struct History: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let events: [StripeEventText]
        /// What Stripe's own record says in the end.
        let status: String
        let plan: String
    }

    private nonisolated static let second = Int(Timestamp.now().milliseconds / 1000) - 3600

    nonisolated static let histories = [
        History(
            testDescription: "of a subscription that was paid, owed for and ended",
            events: [
                .checkout(second: second, organization: "acme"),
                StripeEventText("customer.subscription.created", second: second, status: "incomplete"),
                StripeEventText("customer.subscription.updated", second: second),
                .invoice("invoice.paid", second: second),
                StripeEventText("customer.subscription.updated", second: second + 60, status: "past_due"),
                StripeEventText("customer.subscription.deleted", second: second + 120, status: "canceled"),
            ], status: "canceled", plan: "free"),
        History(
            testDescription: "of an upgrade within the second of the first payment",
            events: [
                .checkout(second: second, organization: "acme"),
                StripeEventText("customer.subscription.created", second: second, status: "incomplete"),
                StripeEventText("customer.subscription.updated", second: second, price: "price_ent"),
                .invoice("invoice.paid", second: second, isOld: true),
            ], status: "active", plan: "enterprise"),
        History(
            testDescription: "of a pause and its end",
            events: [
                .checkout(second: second, organization: "acme"),
                StripeEventText("customer.subscription.created", second: second, status: "trialing"),
                StripeEventText("customer.subscription.paused", second: second + 5, status: "paused"),
                StripeEventText("customer.subscription.resumed", second: second + 9),
            ], status: "active", plan: "pro"),
    ]

    @Test("is the same in every order, with duplicates, several at once", arguments: histories)
    func orders(_ history: History) async throws {
        let orders = allOrders(of: history.events)
        let organizations = orders.indices.map { "org_\($0)" }
        try await BillingFixture.run(organizations: organizations) { billing async throws in
            _ = try await allAtOnce(8) { lane in
                for number in stride(from: lane, to: orders.count, by: 8) {
                    try await Self.tell(orders[number], number, billing)
                }
            }
            try await Self.check(history, organizations, billing)
        }
    }

    @Test("is what Stripe's record says, where Stripe can be asked", arguments: histories)
    func asked(_ history: History) async throws {
        let all = allOrders(of: history.events)
        let orders = stride(from: 0, to: all.count, by: max(1, all.count / 48)).map { all[$0] }
        let organizations = orders.indices.map { "org_\($0)" }
        try await BillingFixture.runWithStripe(organizations: organizations) { billing, stripe in
            let last = history.events.last { $0.isAboutSubscription }
            for number in orders.indices {
                let object = last?.of(number, "org_\(number)").with("status", .string(history.status)).subscription
                stripe.subscriptions["sub_\(number)"] = object
            }
            _ = try await allAtOnce(4) { lane in
                for number in stride(from: lane, to: orders.count, by: 4) {
                    try await Self.tell(orders[number], number, billing)
                }
            }
            let isQuiet: Bool? = try await eventually {
                billing.billing.refresher?.wake()
                let due = try await billing.database.query(
                    "SELECT count(*) AS count FROM billing.refreshes WHERE due_at < now() + interval '1 hour'")
                return try due[0].int("count") == 0 ? true : nil
            }
            #expect(isQuiet == true)
            try await Self.check(history, organizations, billing)
        }
    }

    /// Every event once, the first one twice, and the last two at the same time.
    private static func tell(_ events: [StripeEventText], _ number: Int, _ billing: BillingFixture) async throws {
        let mine = events.map { $0.of(number, "org_\(number)") }
        for event in mine.dropLast(2) + mine.prefix(1) { #expect(try await billing.send(event).status == 200) }
        let statuses = try await allAtOnce(2) { index in
            try await billing.send(mine[mine.count - 2 + index]).status
        }
        #expect(statuses == [200, 200])
    }

    private static func check(
        _ history: History, _ organizations: [String], _ billing: BillingFixture
    ) async throws {
        let rows = try await billing.database.query("SELECT DISTINCT status FROM billing.subscriptions")
        #expect(try rows.map { try $0.string("status") } == [history.status])
        let plans = try await billing.database.query(
            """
            SELECT coalesce(p.plan, 'free') AS plan, coalesce(a.plan, 'free') AS announced, count(*) AS count
            FROM unnest($1::text[]) AS org_id
            LEFT JOIN billing.organization_plan p USING (org_id) LEFT JOIN billing.announced_plans a USING (org_id)
            GROUP BY 1, 2
            """, [organizations])
        #expect(plans.count == 1)
        #expect(try plans[0].string("plan") == history.plan)
        #expect(try plans[0].string("announced") == history.plan)
        #expect(try plans[0].int("count") == organizations.count)
    }
}

extension StripeEventText {
    fileprivate var isAboutSubscription: Bool { subscription["object"] == "subscription" }

    /// The same event in another life.
    fileprivate func of(_ number: Int, _ organization: String) -> StripeEventText {
        renamed(
            subscription: "sub_\(number)", customer: "cus_\(number)", organization: organization,
            id: "evt_\(number)_\(id)")
    }
}

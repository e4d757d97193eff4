import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import BillingWebhooks

@Suite("The seven days of a subscription that is past due") @Loop struct GraceTests {
    private static var now: Int { Int(Timestamp.now().milliseconds / 1000) }
    private static let day = 86_400

    @Test("end by themselves, and the end is announced once by whichever replica is first")
    func end() async throws {
        try await BillingFixture.run { billing async throws in
            for (status, second) in [("active", Self.now - 9 * Self.day), ("past_due", Self.now - 6 * Self.day)] {
                _ = try await billing.send(
                    StripeEventText(
                        "customer.subscription.updated", second: second, status: status, metadata: "acme"))
            }
            try await billing.billing.ledger.endGracePeriods()
            #expect(try await billing.plan("acme") == "pro")
            _ = try await billing.database.query(
                "UPDATE billing.subscriptions SET past_due_since = past_due_since - interval '1 day'")
            _ = try await allAtOnce(4) { _ in try await billing.billing.ledger.endGracePeriods() }
            try await billing.billing.ledger.endGracePeriods()
            #expect(try await billing.plan("acme") == "free")
            #expect(
                try await billing.planChanges() == [
                    PlanChanged(plan: .pro, previous: .free), PlanChanged(plan: .free, previous: .pro),
                ])
            _ = try await billing.send(StripeEventText("customer.subscription.updated", second: Self.now))
            #expect(try await billing.plan("acme") == "pro")
        }
    }

    @Test("are as many for the plan as for the mail")
    func sameForTheMail() async throws {
        try await BillingFixture.run { billing async throws in
            let grace = try await billing.database.query(
                "SELECT extract(epoch FROM billing.grace())::integer / 86400 AS days")
            #expect(try grace[0].int("days") == PaymentFailed.graceDays)
        }
    }

    @Test("are told of once when the news of them comes after they are over")
    func late() async throws {
        try await BillingFixture.run { billing async throws in
            for (status, second) in [("active", Self.now - 9 * Self.day), ("past_due", Self.now - 8 * Self.day)] {
                _ = try await billing.send(
                    StripeEventText(
                        "customer.subscription.updated", second: second, status: status, metadata: "acme"))
            }
            try await billing.billing.ledger.endGracePeriods()
            #expect(
                try await billing.planChanges() == [
                    PlanChanged(plan: .pro, previous: .free), PlanChanged(plan: .free, previous: .pro),
                ])
        }
    }

    @Test("count from the first report of the debt, whatever is changed and in whichever order it is heard of")
    func firstReport() async throws {
        let events = [("past_due", 9), ("active", 8), ("past_due", 6), ("past_due", 3), ("past_due", 1)]
        let orders = allOrders(of: events)
        let organizations = orders.indices.map { "org_\($0)" }
        try await BillingFixture.run(organizations: organizations) { billing async throws in
            let now = Self.now
            for (number, order) in orders.enumerated() {
                for (status, days) in order {
                    _ = try await billing.send(
                        StripeEventText(
                            "customer.subscription.updated", second: now - days * Self.day, status: status,
                            metadata: organizations[number]
                        ).belonging(to: "sub_\(number)", "cus_\(number)", "evt_\(number)_\(days)"))
                }
            }
            let since = try await billing.database.query("SELECT DISTINCT past_due_since FROM billing.subscriptions")
            #expect(
                try since.map { try $0.timestamp("past_due_since") } == [
                    Timestamp(milliseconds: Int64(now - 6 * Self.day) * 1000)
                ])
        }
    }

    @Test("go on counting when a look at Stripe's record and a late event cross")
    func crossed() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            let owed = StripeEventText(
                "customer.subscription.updated", second: Self.now - 30 * Self.day, status: "past_due", metadata: "acme")
            _ = try await billing.send(owed)
            stripe.subscriptions["sub_1"] = owed.subscription
            func look() async throws -> Timestamp {
                try await billing.billing.refresher?.refresh(
                    "acme", requestId: "test", deadline: LoopInstant.current + .seconds(20))
                return try await billing.database.query("SELECT past_due_since FROM billing.subscriptions")[0]
                    .timestamp("past_due_since")
            }
            _ = try await look()
            _ = try await billing.send(
                StripeEventText("customer.subscription.updated", second: Self.now - 29 * Self.day))
            let first = try await look()
            _ = try await billing.database.query(
                """
                UPDATE billing.subscriptions
                SET past_due_since = past_due_since - interval '1 day', status_at = status_at - interval '1 day'
                """)
            #expect(try await look() == first - .seconds(Int64(Self.day)))
        }
    }

    @Test("are not prolonged by looking at Stripe's record")
    func looking() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            let owed = StripeEventText(
                "customer.subscription.updated", second: Self.now - 6 * Self.day, status: "past_due", metadata: "acme")
            _ = try await billing.send(owed)
            stripe.subscriptions["sub_1"] = owed.subscription
            try await billing.billing.refresher?.refresh(
                "acme", requestId: "test", deadline: LoopInstant.current + .seconds(20))
            let row = try await billing.database.query(
                "SELECT past_due_since, status_at > now() - interval '1 hour' AS is_seen FROM billing.subscriptions")[0]
            #expect(try row.bool("is_seen"))
            #expect(try row.timestamp("past_due_since") < .now() - .seconds(Int64(5 * Self.day)))
        }
    }
}

import BillingWebhooksRoutes
import Bus
import Crypto
import EventLoop
import JSON
import Models
import Postgres
import TestSupport
import Testing

@testable import BillingWebhooks

@Suite("The Stripe webhook") @Loop struct WebhookTests {
    @Test("gives an organization the plan of its subscription, and takes it back with it")
    func lifecycle() async throws {
        try await BillingFixture.run { billing async throws in
            let created = StripeEventText("customer.subscription.created", second: 1, metadata: "acme")
            #expect(try await billing.send(created).status == 200)
            #expect(try await billing.plan("acme") == "pro")
            let upgraded = StripeEventText("customer.subscription.updated", second: 2, price: "price_ent")
            #expect(try await billing.send(upgraded).status == 200)
            #expect(try await billing.plan("acme") == "enterprise")
            let deleted = StripeEventText("customer.subscription.deleted", second: 3, status: "canceled")
            #expect(try await billing.send(deleted).status == 200)
            #expect(try await billing.plan("acme") == "free")
            let revived = StripeEventText("customer.subscription.updated", second: 4)
            #expect(try await billing.send(revived).status == 200)
            #expect(try await billing.plan("acme") == "free")
            #expect(
                try await billing.planChanges() == [
                    PlanChanged(plan: .pro, previous: .free), PlanChanged(plan: .enterprise, previous: .pro),
                    PlanChanged(plan: .free, previous: .enterprise),
                ])
            #expect(try await billing.outcomes() == ["applied", "applied", "applied", "stale"])
        }
    }

    @Test("writes each change of a plan into the organization's audit, and can do nothing else to it")
    func audit() async throws {
        try await BillingFixture.run { billing async throws in
            for event in [
                StripeEventText("customer.subscription.created", second: 1, metadata: "acme"),
                StripeEventText("customer.subscription.updated", second: 2),
            ] {
                #expect(try await billing.send(event).status == 200)
            }
            let audit = try await billing.database.query("SELECT * FROM org.audit")
            #expect(audit.count == 1)
            #expect(try audit[0].string("org_id") == "acme")
            #expect(try audit[0].string("actor_id") == "stripe")
            #expect(try audit[0].string("action") == "plan.change")
            #expect(try audit[0].json("data")["plan"] == "pro")
            #expect(try audit[0].json("data")["previousPlan"] == "free")
            let rights = try await billing.database.query(
                "SELECT has_table_privilege('ebon_billing', 'org.audit', 'SELECT, INSERT, UPDATE, DELETE') AS any")
            #expect(try !rights[0].bool("any"))
        }
    }

    @Test("takes an event once, however often and however simultaneously it is delivered")
    func duplicates() async throws {
        try await BillingFixture.run { billing async throws in
            let event = StripeEventText("customer.subscription.created", second: 1, metadata: "acme")
            let statuses = try await allAtOnce(12) { _ in try await billing.send(event).status }
            #expect(statuses.allSatisfy { $0 == 200 })
            #expect(try await billing.outcomes() == ["applied"])
            #expect(try await billing.planChanges().count == 1)
        }
    }

    @Test("finds the organization through the checkout, whichever event comes first", arguments: [false, true])
    func checkout(sessionFirst: Bool) async throws {
        try await BillingFixture.run { billing async throws in
            let session = StripeEventText.checkout(second: 1, organization: "acme")
            let subscription = StripeEventText("customer.subscription.created", second: 1)
            for event in sessionFirst ? [session, subscription] : [subscription, session] {
                #expect(try await billing.send(event).status == 200)
            }
            #expect(try await billing.plan("acme") == "pro")
            #expect(try await billing.planChanges() == [PlanChanged(plan: .pro, previous: .free)])
        }
    }

    @Test("ends at the same plan in every order of a life's events")
    func permutations() async throws {
        let life = [
            StripeEventText("customer.subscription.created", second: 1, status: "incomplete", metadata: "acme"),
            StripeEventText("customer.subscription.updated", second: 1),
            StripeEventText("customer.subscription.updated", second: 2, status: "past_due", price: "price_ent"),
            StripeEventText("customer.subscription.updated", second: 3, price: "price_of_somebody_else"),
        ]
        try await BillingFixture.run { billing async throws in
            for (number, order) in allOrders(of: life).enumerated() {
                for event in order {
                    let mine = event.belonging(to: "sub_\(number)", "cus_\(number)", "evt_\(number)_\(event.id)")
                    #expect(try await billing.send(mine).status == 200)
                }
                let row = try await billing.database.query(
                    "SELECT status, plan, org_id FROM billing.subscriptions WHERE subscription_id = $1",
                    ["sub_\(number)"])[0]
                #expect(try row.string("status") == "active")
                #expect(try row.string("plan") == "enterprise")
                #expect(try row.string("org_id") == "acme")
            }
        }
    }

    @Test(
        "gives the plan in those states, and no others, that count as giving one",
        arguments: [
            SubscriptionStatus.active, .trialing, .pastDue, .incomplete, .incompleteExpired, .canceled, .unpaid,
            .paused,
            SubscriptionStatus(rawValue: "word_of_tomorrow"),
        ])
    func states(_ status: SubscriptionStatus) async throws {
        try await BillingFixture.run { billing async throws in
            let now = Int(Timestamp.now().milliseconds / 1000)
            _ = try await billing.send(
                StripeEventText(
                    "customer.subscription.updated", second: now, status: status.rawValue, metadata: "acme"))
            let gives = SubscriptionStatus.givingPlan.contains(status)
            #expect(try await billing.plan("acme") == (gives ? "pro" : "free"))
        }
    }

    @Test("lets the newer of two living subscriptions count, and a past-due one for seven days")
    func livingSubscriptions() async throws {
        try await BillingFixture.run { billing async throws in
            let now = Int(Timestamp.now().milliseconds / 1000)
            let older = StripeEventText("customer.subscription.created", second: now - 50, metadata: "acme")
            let newer = StripeEventText(
                "customer.subscription.created", second: now - 40, price: "price_ent", metadata: "acme"
            ).belonging(to: "sub_2", "cus_1", "evt_newer", createdAt: now - 40)
            _ = try await billing.send(newer)
            _ = try await billing.send(older)
            #expect(try await billing.plan("acme") == "enterprise")
            let late = StripeEventText(
                "customer.subscription.updated", second: now - 7 * 86_400 + 60, status: "past_due"
            )
            .belonging(to: "sub_3", "cus_3", "evt_late")
            let tooLate = StripeEventText(
                "customer.subscription.updated", second: now - 7 * 86_400 - 60, status: "past_due", metadata: "rival")
            _ = try await billing.send(late.with(metadata: "rival"))
            #expect(try await billing.plan("rival") == "pro")
            _ = try await billing.send(tooLate.belonging(to: "sub_4", "cus_4", "evt_too_late").with(metadata: "third"))
            #expect(try await billing.plan("third") == "free")
        }
    }

    @Test("keeps what it does not understand, and changes nothing for it")
    func kept() async throws {
        try await BillingFixture.run { billing async throws in
            for (number, event) in [
                StripeEventText("customer.subscription.created", second: 1, price: "price_unknown", metadata: "acme"),
                StripeEventText("some.type.of.tomorrow", second: 2),
                StripeEventText("invoice.paid", second: 3),
                StripeEventText("customer.subscription.created", second: 4, metadata: "no_such_organization"),
            ].enumerated() {
                let mine = event.belonging(to: "sub_\(number)", "cus_\(number)", "evt_\(number)")
                #expect(try await billing.send(mine).status == 200)
            }
            #expect(try await billing.outcomes() == ["unknown_price", "kept", "kept", "unknown_organization"])
            #expect(try await billing.plan("acme") == "free")
            #expect(try await billing.planChanges().isEmpty)
        }
    }

    @Test("refuses what Stripe has not signed, or what is no event, and stores nothing")
    func refused() async throws {
        try await BillingFixture.run { billing async throws in
            let event = StripeEventText("customer.subscription.created", second: 1, metadata: "acme")
            #expect(try await billing.send(event, signature: nil).status == 400)
            #expect(try await billing.send(event, signature: "t=1,v1=00").status == 400)
            for text in ["", "{", "[]", "{}", #"{"id":"evt_1","type":"x","created":"yesterday","data":{"object":{}}}"#]
            {
                #expect(try await billing.send(bytes: Array(text.utf8)).status == 400)
            }
            #expect(try await billing.outcomes().isEmpty)
        }
    }

    @Test("lets a plan that was granted by hand stand until a subscription was paid for")
    func grants() async throws {
        try await BillingFixture.run { billing async throws in
            _ = try await billing.database.query(
                """
                INSERT INTO billing.plan_grants (org_id, plan, reason, granted_at)
                VALUES ('acme', 'enterprise', 'test', now() - interval '1 hour')
                """)
            _ = try await billing.send(
                StripeEventText("customer.subscription.created", second: 1, status: "incomplete", metadata: "acme"))
            #expect(try await billing.plan("acme") == "enterprise")
            _ = try await billing.send(StripeEventText("customer.subscription.updated", second: 2))
            #expect(try await billing.plan("acme") == "pro")
        }
    }
}

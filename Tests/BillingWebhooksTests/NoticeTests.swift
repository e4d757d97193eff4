import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import BillingWebhooks

@Suite("What an organization is told of its subscription") @Loop struct NoticeTests {
    @Test("is a failed payment, one to be confirmed, a trial's end and a subscription's end, once each")
    func notices() async throws {
        try await BillingFixture.run { billing async throws in
            for event in [
                StripeEventText("customer.subscription.created", second: 1, status: "trialing", metadata: "acme"),
                StripeEventText("customer.subscription.trial_will_end", second: 2, status: "trialing")
                    .with("trial_end", 259_202),
                StripeEventText.invoice("invoice.payment_action_required", second: 3, isOld: true),
                StripeEventText.invoice("invoice.payment_failed", second: 4),
                StripeEventText("customer.subscription.updated", second: 4, status: "past_due"),
                StripeEventText("customer.subscription.deleted", second: 5, status: "canceled"),
            ] {
                for _ in 1...2 { #expect(try await billing.send(event).status == 200) }
            }
            let invoice = InvoiceNotice(
                number: "EBON-0042", amountDue: Money(bani: 14_900), currency: "RON",
                url: "https://invoice.stripe.com/i/acct_1/test_1")
            #expect(
                try await billing.events() == [
                    TrialEnding(plan: .pro, endsAt: Timestamp(milliseconds: 259_202_000))
                ])
            #expect(try await billing.events() == [PaymentActionRequired(invoice: invoice)])
            #expect(
                try await billing.events() == [
                    PaymentFailed(invoice: invoice, nextAttemptAt: Timestamp(milliseconds: 86_404_000))
                ])
            #expect(
                try await billing.events() == [
                    SubscriptionEnded(plan: .pro, endedAt: Timestamp(milliseconds: 5000))
                ])
            let owners = try await billing.database.query("SELECT DISTINCT org_id FROM bus.outbox")
            #expect(try owners.map { try $0.string("org_id") } == ["acme"])
        }
    }

    @Test("is a payment to be confirmed, though nobody has heard of the subscription yet")
    func early() async throws {
        try await BillingFixture.run { billing async throws in
            _ = try await billing.send(
                StripeEventText.invoice("invoice.payment_action_required", second: 3, metadata: "acme"))
            _ = try await billing.send(
                StripeEventText.invoice("invoice.payment_action_required", second: 3, isOld: true, metadata: "nobody")
                    .belonging(to: "in_2", "cus_2", "evt_2"))
            #expect(try await billing.events(PaymentActionRequired.self).count == 1)
        }
    }

    @Test("is the end of a subscription, once, also when it is found by asking")
    func asked() async throws {
        try await BillingFixture.runWithStripe { billing, stripe in
            let second = Int(Timestamp.now().milliseconds / 1000) - 60
            let created = StripeEventText("customer.subscription.created", second: second, metadata: "acme")
            _ = try await billing.send(created)
            stripe.subscriptions["sub_1"] = created.with("status", "canceled").subscription
            for _ in 1...2 {
                try await billing.billing.refresher?.refresh(
                    "acme", requestId: "test", deadline: LoopInstant.current + .seconds(20))
            }
            _ = try await billing.send(
                StripeEventText("customer.subscription.deleted", second: second + 30, status: "canceled"))
            #expect(try await billing.events(SubscriptionEnded.self).count == 1)
        }
    }

    @Test("is nothing that Stripe's test mode says, where the real one counts")
    func tests() async throws {
        try await StripeDouble.run { _, base in
            try await BillingFixture.run(stripe: base, key: "sk_live_of_nobody") { billing async throws in
                let paid = StripeEventText("customer.subscription.created", second: 1, metadata: "acme")
                _ = try await billing.send(bytes: paid.inTestMode.serialized())
                #expect(try await billing.plan("acme") == "free")
                #expect(try await billing.outcomes() == ["test"])
            }
        }
    }

    @Test("is nothing about a payment that has been made meanwhile, nor the end of what never began")
    func overtaken() async throws {
        try await BillingFixture.run { billing async throws in
            for event in [
                StripeEventText("customer.subscription.updated", second: 9, metadata: "acme"),
                StripeEventText.invoice("invoice.payment_failed", second: 4),
                StripeEventText.invoice("invoice.payment_action_required", second: 4),
                StripeEventText("customer.subscription.created", second: 1, status: "incomplete", metadata: "acme")
                    .belonging(to: "sub_2", "cus_1", "evt_2"),
                StripeEventText("customer.subscription.deleted", second: 2, status: "canceled")
                    .belonging(to: "sub_2", "cus_1", "evt_3"),
            ] {
                #expect(try await billing.send(event).status == 200)
            }
            #expect(try await billing.events(PaymentFailed.self).isEmpty)
            #expect(try await billing.events(PaymentActionRequired.self).isEmpty)
            #expect(try await billing.events(SubscriptionEnded.self).isEmpty)
        }
    }
}

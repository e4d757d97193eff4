import Bus
import EventLoop
import Models
import TestSupport
import Testing

@testable import NotificationMailer

@Suite("What becomes of a subscription") @Loop struct BillingNoticeTests {
    @Test(
        "is mailed to those who subscribe to billing, once for each event",
        arguments: [
            (PlanChanged.example, "plan_changed"), (PaymentFailed.example, "payment_failed"),
            (PaymentActionRequired.example, "payment_action_required"), (TrialEnding.example, "trial_ending"),
            (SubscriptionEnded.example, "subscription_ended"),
        ] as [(any EventData, String)])
    func mailed(data: any EventData, kind: String) async throws {
        try await MailerFixture.run { fixture in
            let event = try fixture.event(data)
            try await fixture.handle(event, event)
            try await fixture.deliver()
            #expect(
                try await fixture.jobs() == ["accounts@acme.example sent 1", "owner@acme.example sent 1"])
            #expect(try await fixture.kinds() == ["\(kind) sent", "\(kind) sent"])
            #expect(try fixture.mail(1)?["defects"] == [])
        }
    }
}

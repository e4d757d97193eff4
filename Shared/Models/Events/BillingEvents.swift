/// An organization has another plan.
package struct PlanChanged: EventData, Equatable {
    /// `billing.plan_changed`.
    package static let type: EventType = "billing.plan_changed"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// The new plan.
    package let plan: Plan
    /// The plan before.
    package let previous: Plan

    /// All members.
    package init(plan: Plan, previous: Plan) {
        self.plan = plan
        self.previous = previous
    }

    /// An upgrade.
    package static var example: PlanChanged {
        PlanChanged(plan: .pro, previous: .free)
    }
}

/// A payment for a subscription has failed; Stripe tries again.
package struct PaymentFailed: EventData, Equatable {
    /// `billing.payment_failed`.
    package static let type: EventType = "billing.payment_failed"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// For how many days the plan stays as it is, counted from the first failure.
    package static let graceDays = 7

    /// What should have been paid.
    package let invoice: InvoiceNotice
    /// When Stripe tries again by itself; nil when it does not.
    package let nextAttemptAt: Timestamp?

    /// All members.
    package init(invoice: InvoiceNotice, nextAttemptAt: Timestamp?) {
        self.invoice = invoice
        self.nextAttemptAt = nextAttemptAt
    }

    /// A payment that is tried again.
    package static var example: PaymentFailed {
        PaymentFailed(invoice: .example, nextAttemptAt: "2026-04-29T15:30:12.000Z")
    }
}

/// A payment waits for somebody to confirm it with their bank.
package struct PaymentActionRequired: EventData, Equatable {
    /// `billing.payment_action_required`.
    package static let type: EventType = "billing.payment_action_required"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// What is to be paid.
    package let invoice: InvoiceNotice

    /// All members.
    package init(invoice: InvoiceNotice) { self.invoice = invoice }

    /// A payment with a page to confirm it on.
    package static var example: PaymentActionRequired { PaymentActionRequired(invoice: .example) }
}

/// A trial ends soon, three days before by Stripe's custom.
package struct TrialEnding: EventData, Equatable {
    /// `billing.trial_ending`.
    package static let type: EventType = "billing.trial_ending"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// What is tried; nil when its price is not one of ours.
    package let plan: Plan?
    /// When the first payment is due; nil when Stripe did not say.
    package let endsAt: Timestamp?

    /// All members.
    package init(plan: Plan?, endsAt: Timestamp?) {
        self.plan = plan
        self.endsAt = endsAt
    }

    /// A trial of pro.
    package static var example: TrialEnding { TrialEnding(plan: .pro, endsAt: "2026-04-29T15:30:12.000Z") }
}

/// A subscription is over and will not come back.
package struct SubscriptionEnded: EventData, Equatable {
    /// `billing.subscription_ended`.
    package static let type: EventType = "billing.subscription_ended"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// What was subscribed to; nil when its price is not one of ours.
    package let plan: Plan?
    /// When it ended.
    package let endedAt: Timestamp

    /// All members.
    package init(plan: Plan?, endedAt: Timestamp) {
        self.plan = plan
        self.endedAt = endedAt
    }

    /// The end of pro.
    package static var example: SubscriptionEnded {
        SubscriptionEnded(plan: .pro, endedAt: "2026-04-26T15:30:12.000Z")
    }
}

/// What a mail about a payment needs to know of an invoice of Stripe's.
package struct InvoiceNotice: Codable, Sendable, Equatable {
    /// The number that stands on the invoice; nil while it is a draft.
    package let number: String?
    /// What is due, in units of `currency`.
    package let amountDue: Money
    /// The currency's code in ISO 4217, such as `RON`.
    package let currency: String
    /// Stripe's page on which it can be paid; nil when there is none.
    package let url: String?

    /// All members.
    package init(number: String?, amountDue: Money, currency: String, url: String?) {
        self.number = number
        self.amountDue = amountDue
        self.currency = currency
        self.url = url
    }

    /// A month of pro.
    package static var example: InvoiceNotice {
        InvoiceNotice(
            number: "EBON-0042", amountDue: Money(bani: 14_900), currency: "RON",
            url: "https://invoice.stripe.com/i/acct_1/test_1")
    }
}

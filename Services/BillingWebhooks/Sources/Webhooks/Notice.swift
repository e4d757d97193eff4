import JSON
import Models

/// What of a report the organization is told besides its change of plan.
enum Notice {
    /// Nothing where later events have overtaken it.
    static func about(
        _ event: StripeEvent, _ report: StripeReport, known: SubscriptionState?, change: Decision.SubscriptionChange?
    ) -> [any EventData] {
        guard report.source != .testEvent, report.subscriptionID != nil else { return [] }
        switch event.type {
        case "invoice.payment_failed":
            guard !isSettled(known, since: event) else { return [] }
            return [
                PaymentFailed(
                    invoice: InvoiceNotice(event.object),
                    nextAttemptAt: event.object["next_payment_attempt"]?.stripeTime)
            ]
        case "invoice.payment_action_required":
            return isSettled(known, since: event) ? [] : [PaymentActionRequired(invoice: InvoiceNotice(event.object))]
        case "customer.subscription.trial_will_end":
            guard known?.status.value.isTerminal != true else { return [] }
            return [
                TrialEnding(
                    plan: (change?.state ?? known)?.plan?.plan, endsAt: event.object["trial_end"]?.stripeTime)
            ]
        default: return ending(change, after: known)
        }
    }

    /// A subscription whose first payment never came has not been there, so it does not end.
    static func ending(
        _ change: Decision.SubscriptionChange?, after known: SubscriptionState?
    ) -> [any EventData] {
        guard let change, change.state.status.value == .canceled, known?.status.value.isTerminal != true,
            known?.status.value != .incomplete
        else { return [] }
        return [SubscriptionEnded(plan: change.state.plan?.plan, endedAt: change.state.status.position.at)]
    }

    /// The subscription has been paid, or has ended, after the event.
    private static func isSettled(_ known: SubscriptionState?, since event: StripeEvent) -> Bool {
        guard let status = known?.status else { return false }
        return status.value.isTerminal || status.value == .active && status.position.at > event.occurredAt
    }
}

extension InvoiceNotice {
    fileprivate init(_ invoice: JSON) {
        let currency = invoice["currency"]?.string ?? ""
        self.init(
            number: invoice["number"]?.identifier,
            amountDue: Money(stripeAmount: invoice["amount_due"], currency: currency),
            currency: currency.uppercased(), url: invoice["hosted_invoice_url"]?.webAddress)
    }
}

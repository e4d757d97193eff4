import BillingWebhooksRoutes
import Bus
import Endpoints
import EventLoop
import JSON
import Models

/// The ways to Stripe's own pages, and what there is on them.
@Loop struct CheckoutHandlers {
    let store: SubscriptionStore
    let customers: Customers?
    let refresher: Refresher?
    let prices: PriceCatalogue
    let bus: Bus

    func mount() {
        bus.mount(BillingWebhooksRoutes.createSubscription) { try await checkOut($0) }
        bus.mount(BillingWebhooksRoutes.portal) { call in
            let visit = try call.input()
            let customers = try configured()
            let deadline = LoopInstant.forStripe()
            let session = try await asking(["return_url": "returnUrl"]) {
                try await customers.post("/v1/billing_portal/sessions", for: call.orgId, deadline: deadline) {
                    ["customer": $0, "return_url": visit.returnUrl]
                }
            }
            guard let url = session["url"]?.webAddress else { throw StripeError.unreadable("url is missing") }
            return PortalAddress(url: url)
        }
        bus.mount(BillingWebhooksRoutes.invoices) { call in
            let customers = try configured()
            let deadline = LoopInstant.forStripe()
            guard let customer = try await customers.customer(of: call.orgId) else { return InvoiceList(invoices: []) }
            let list = try await asking {
                try await customers.stripe.get(
                    "/v1/invoices", ["customer": customer, "limit": "100"], deadline: deadline
                ).json
            }
            guard let invoices = list["data"]?.array else { throw StripeError.unreadable("data is missing") }
            return InvoiceList(invoices: try invoices.map(Invoice.init(stripe:)))
        }
    }

    private func checkOut(_ call: Call<Checkout>) async throws -> CheckoutSession {
        let checkout = try call.input()
        if let price = checkout.priceId, prices.plans[price] == nil {
            throw APIError.validation("body.priceId", "priceId must be the price of a plan")
        }
        let customers = try configured()
        guard let price = checkout.priceId ?? prices.standard else { throw APIError.noPriceConfigured }
        let deadline = LoopInstant.forStripe()
        if let current = try await store.subscription(of: call.orgId).current, current.status.isLiving {
            throw APIError.alreadySubscribed
        }
        let session = try await asking(["success_url": "successUrl", "cancel_url": "cancelUrl"]) {
            // The payment of another checkout may be on its way here.
            try await refresher?.refresh(call.orgId, requestId: call.requestId, deadline: deadline)
            if let current = try await store.subscription(of: call.orgId).current, current.status.isLiving {
                throw APIError.alreadySubscribed
            }
            return try await customers.post("/v1/checkout/sessions", for: call.orgId, deadline: deadline) { customer in
                [
                    "mode": "subscription", "customer": customer, "client_reference_id": call.orgId.rawValue,
                    "line_items[0][price]": price, "line_items[0][quantity]": "1",
                    "success_url": checkout.successUrl, "cancel_url": checkout.cancelUrl,
                    "metadata[orgId]": call.orgId.rawValue, "subscription_data[metadata][orgId]": call.orgId.rawValue,
                ]
            }
        }
        guard let id = session["id"]?.identifier else { throw StripeError.unreadable("id is missing") }
        return CheckoutSession(
            sessionId: id, url: session["url"]?.webAddress, clientSecret: session["client_secret"]?.string)
    }

    private func configured() throws(APIError) -> Customers {
        guard let customers else { throw .stripeNotConfigured }
        return customers
    }
}

extension Invoice {
    fileprivate init(stripe invoice: JSON) throws(StripeError) {
        guard let id = invoice["id"]?.identifier, let created = invoice["created"]?.stripeTime else {
            throw .unreadable("an invoice has no id or no date")
        }
        let currency = invoice["currency"]?.string ?? ""
        self.init(
            id: id, number: invoice["number"]?.string, status: invoice["status"]?.string,
            amountDue: Money(stripeAmount: invoice["amount_due"], currency: currency),
            amountPaid: Money(stripeAmount: invoice["amount_paid"], currency: currency),
            currency: currency.uppercased(), createdAt: created,
            hostedInvoiceUrl: invoice["hosted_invoice_url"]?.webAddress, pdfUrl: invoice["invoice_pdf"]?.webAddress)
    }
}

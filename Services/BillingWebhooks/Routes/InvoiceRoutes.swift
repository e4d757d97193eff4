import Endpoints
import JSON
import Models

extension BillingWebhooksRoutes {
    package static let invoices = Endpoint<NoInput, InvoiceList>(
        "billing.invoices", .billingWebhooks, .get, "/api/v1/billing/invoices",
        summary: "The newest invoices of the organization's subscriptions, a hundred at most", access: .user,
        success: .ok(InvoiceList.schema), errors: [.stripeNotConfigured, .stripeAway])
}

package struct InvoiceList: Codable, Sendable {
    package let invoices: [Invoice]

    package init(invoices: [Invoice]) { self.invoices = invoices }

    static let schema = Schema.object([.required("invoices", .array(of: Invoice.schema))]).named("InvoiceList")
}

package struct Invoice: Codable, Sendable {
    package let id: String
    package let number: String?
    package let status: String?
    package let amountDue: Money
    package let amountPaid: Money
    package let currency: String
    package let createdAt: Timestamp
    package let hostedInvoiceUrl: String?
    package let pdfUrl: String?

    package init(
        id: String, number: String?, status: String?, amountDue: Money, amountPaid: Money, currency: String,
        createdAt: Timestamp, hostedInvoiceUrl: String?, pdfUrl: String?
    ) {
        self.id = id
        self.number = number
        self.status = status
        self.amountDue = amountDue
        self.amountPaid = amountPaid
        self.currency = currency
        self.createdAt = createdAt
        self.hostedInvoiceUrl = hostedInvoiceUrl
        self.pdfUrl = pdfUrl
    }

    private enum CodingKeys: String, CodingKey {
        case id, number, status, amountDue, amountPaid, currency, createdAt, hostedInvoiceUrl, pdfUrl
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(number, forKey: .number)
        try container.encode(status, forKey: .status)
        try container.encode(amountDue, forKey: .amountDue)
        try container.encode(amountPaid, forKey: .amountPaid)
        try container.encode(currency, forKey: .currency)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(hostedInvoiceUrl, forKey: .hostedInvoiceUrl)
        try container.encode(pdfUrl, forKey: .pdfUrl)
    }

    static let schema = Schema.object([
        .required("id", .string),
        .required("number", Schema.string.orNull.described("What stands on the invoice; null while it is a draft.")),
        .required(
            "status", Schema.string.orNull.described("Stripe's word: `draft`, `open`, `paid`, `uncollectible`, `void`.")
        ),
        .required("amountDue", Money.schema.described("Two places, in units of `currency`.", example: 149.00)),
        .required("amountPaid", Money.schema.described("Two places, in units of `currency`.", example: 149.00)),
        .required("currency", Schema.string.described("The ISO 4217 code.", example: "RON")),
        .required("createdAt", Timestamp.schema), .required("hostedInvoiceUrl", Schema.string.orNull),
        .required("pdfUrl", Schema.string.orNull),
    ]).named("Invoice").illustrated(by: [
        "id": "in_1", "number": "EBON-0042", "status": "paid", "amountDue": Money(bani: 14_900).json,
        "amountPaid": Money(bani: 14_900).json, "currency": "RON", "createdAt": "2026-04-26T15:30:12.000Z",
        "hostedInvoiceUrl": "https://invoice.stripe.com/i/acct_1/test_1",
        "pdfUrl": "https://pay.stripe.com/invoice/acct_1/test_1/pdf",
    ])
}

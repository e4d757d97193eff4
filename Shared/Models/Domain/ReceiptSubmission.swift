import JSON

/// The body that stores a receipt which the app has printed itself.
package struct ReceiptSubmission: Decodable, Sendable {
    /// The device that printed it.
    package let deviceId: DeviceID
    /// What it records.
    package let type: ReceiptType
    /// The lines, kept as they were sent.
    package let items: [JSON]
    /// How it was paid.
    package let payments: [Receipt.Payment]
    /// What it adds up to, VAT included.
    package let total: Money
    /// The VAT by rate.
    package let vatBreakdown: [Receipt.VATLine]
    /// The operator's number or name at the register.
    package let operatorId: TextOrNumber?
    /// The register's own number.
    package let receiptNumber: TextOrNumber?
    /// What identifies it among the device's receipts.
    package let fiscalId: String?
    /// When the register says that it was printed.
    package let fiscalDate: Timestamp?
    /// The register's fiscal series.
    package let fiscalSeries: String?
    /// The buyer's fiscal code.
    package let customerCif: String?
    /// What the printed QR code says.
    package let qrCode: String?

    /// What the body must look like.
    package static let schema = Schema.object(
        [
            .required("deviceId", DeviceID.schema), .required("type", .oneOf(ReceiptType.self)),
            .required("items", ReceiptLines.printedItems),
            .required(
                "payments",
                .array(
                    of: .object([
                        .required("method", .oneOf(PaymentMethod.self)),
                        .required("amount", ReceiptLines.printedAmount),
                    ]).named("PrintedPayment"), max: 100)),
            .required("total", ReceiptLines.printedAmount),
            .required(
                "vatBreakdown",
                .array(
                    of: .object([
                        .required("rate", ReceiptLines.printedRate), .required("base", ReceiptLines.printedAmount),
                        .required("vat", ReceiptLines.printedAmount),
                    ]).named("PrintedVATLine"), max: 100)),
            .optional("operatorId", ReceiptLines.operatorId),
            .optional("receiptNumber", .alternatives([.string(1...64), .integer(min: 0)])),
            .optional("fiscalId", .string(1...128)), .optional("fiscalDate", .dateTime),
            .optional("fiscalSeries", .string(1...64)), .optional("customerCif", .string(1...32)),
            .optional("qrCode", .string(1...2048)),
        ],
        rules: [
            ReceiptLines.totalMatchesItems, ReceiptLines.breakdownMatchesItems, ReceiptLines.taxMatchesBase,
            ReceiptLines.paymentsCoverTotal,
        ]
    ).named("ReceiptSubmission").illustrated(by: [
        "deviceId": "dev_pos_01", "type": "sale",
        "items": [["name": "Cafea", "quantity": 2, "price": 12.50, "vatRate": 11]],
        "payments": [["method": "cash", "amount": 25.00]], "total": 25.00,
        "vatBreakdown": [["rate": 11, "base": 22.52, "vat": 2.48]], "receiptNumber": "0000122",
        "fiscalId": "20260409-0000122", "fiscalDate": "2026-04-09T08:10:00.000Z",
    ]).described(
        """
        Amounts are positive whatever the type: it is the type that says which way the money went. A discount on the \
        whole receipt is spread over the items' discounts.
        """)
}

/// A text that may be written as a number, as registers count what apps name.
package struct TextOrNumber: Decodable, Sendable, Equatable {
    /// The text; of a number its digits as they were written.
    package let text: String

    /// Reads a JSON string or number.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let value = try container.decode(JSON.self)
        guard let text = value.string ?? value.number?.lexeme else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "must be a string or a number")
        }
        self.text = text
    }
}

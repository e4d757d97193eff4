import JSON

extension CommandDefinition {
    /// Prints a receipt that reverses an earlier one and writes it to the journal.
    package static let printReversalReceipt = CommandDefinition(
        "print_reversal_receipt", summary: "Prints a receipt that reverses an earlier one",
        payload: .object(
            [
                .required("items", ReceiptLines.items), .optional("payments", ReceiptLines.payments),
                .required("reason", .oneOf(["operator_error", "refund", "tax_base_reduction"])),
                .required("originalReceipt", originalReceipt),
                .optional("customerCif", .string(1...32)), .optional("operatorId", ReceiptLines.operatorId),
            ], rules: [ReceiptLines.paymentsMatchItems]
        ).named("PrintReversalReceiptPayload").illustrated(by: [
            "items": [["name": "Cafea", "quantity": 1, "price": 12.50, "vatRate": 11]], "reason": "refund",
            "originalReceipt": ["number": "0000122", "date": "2026-04-09"],
        ]),
        output: .receipt(.storno))

    private static let originalReceipt = Schema.object([
        .required("number", .alternatives([.string(1...64), .integer(min: 0)])), .required("date", .dateTime),
        .optional("series", .string(1...64)),
    ])
}

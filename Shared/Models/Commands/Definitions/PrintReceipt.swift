import JSON

extension CommandDefinition {
    /// Prints a fiscal receipt and writes it to the journal.
    package static let printReceipt = CommandDefinition(
        "print_receipt", summary: "Prints a fiscal receipt",
        payload: .object(
            [
                .required("items", ReceiptLines.items), .required("payments", ReceiptLines.payments),
                .optional("customerCif", .string(1...32)), .optional("operatorId", ReceiptLines.operatorId),
            ], rules: [ReceiptLines.paymentsMatchItems]
        ).named("PrintReceiptPayload").illustrated(by: [
            "items": [["name": "Cafea", "quantity": 2, "price": 12.50, "vatRate": 11]],
            "payments": [["type": "cash", "amount": 25.00]],
        ]),
        output: .receipt(.sale))
}

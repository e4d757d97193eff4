import JSON

extension CommandDefinition {
    /// Voids a receipt of the journal on the register.
    package static let voidReceipt = CommandDefinition(
        "void_receipt", summary: "Voids a receipt",
        payload: .object([.required("receiptId", ReceiptID.schema)]).named("VoidReceiptPayload"))
}

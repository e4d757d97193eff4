import JSON

extension CommandDefinition {
    /// Asks what was printed last.
    package static let getLastReceiptInfo = CommandDefinition(
        "get_last_receipt_info", summary: "Asks what was printed last",
        result: .nonEmptyObject.illustrated(by: ["receiptNumber": "0000122", "total": 25.00]))
}

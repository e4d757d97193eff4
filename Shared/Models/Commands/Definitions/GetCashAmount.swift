import JSON

extension CommandDefinition {
    /// Asks how much money is in the drawer.
    package static let getCashAmount = CommandDefinition(
        "get_cash_amount", summary: "Asks how much money is in the drawer",
        result: .object([.required("cashBalance", .decimal()), .optional("currency", .string, default: "RON")])
            .illustrated(by: ["cashBalance": 1234.5, "currency": "RON"]))
}

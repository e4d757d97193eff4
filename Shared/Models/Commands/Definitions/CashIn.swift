import JSON

extension CommandDefinition {
    /// Records money put into the drawer.
    package static let cashIn = CommandDefinition(
        "cash_in", summary: "Records money put into the drawer",
        payload: cashMovement.named("CashInPayload"))

    /// Money that goes in or out without a sale.
    static let cashMovement = Schema.object([
        .required("amount", .decimal(above: 0, atMost: 999_999_999)), .optional("reason", .string(max: 48)),
    ]).illustrated(by: ["amount": 200.00, "reason": "Fond de casă"])
}

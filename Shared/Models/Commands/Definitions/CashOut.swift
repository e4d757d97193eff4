import JSON

extension CommandDefinition {
    /// Records money taken out of the drawer.
    package static let cashOut = CommandDefinition(
        "cash_out", summary: "Records money taken out of the drawer",
        payload: cashMovement.named("CashOutPayload"))
}

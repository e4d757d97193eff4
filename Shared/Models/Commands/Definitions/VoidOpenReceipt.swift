extension CommandDefinition {
    /// Discards the receipt that is open on the register.
    package static let voidOpenReceipt = CommandDefinition(
        "void_open_receipt", summary: "Discards the receipt that is open on the register")
}

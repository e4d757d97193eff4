import JSON

extension CommandDefinition {
    /// Asks how many VAT rates the register has room for, and the like.
    package static let getVATCapabilities = CommandDefinition(
        "get_vat_capabilities", summary: "Asks what can be programmed about VAT rates",
        result: .nonEmptyObject.illustrated(by: ["maxRates": 5, "namesProgrammable": true]))
}

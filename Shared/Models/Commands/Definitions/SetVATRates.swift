import JSON

extension CommandDefinition {
    /// Programs the VAT rates.
    package static let setVATRates = CommandDefinition(
        "set_vat_rates", summary: "Programs the VAT rates",
        payload: .object([.required("rates", .array(of: vatRate, min: 1))]).named("SetVATRatesPayload")
            .illustrated(by: ["rates": programmedRates]))
}

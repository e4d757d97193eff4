import JSON

extension CommandDefinition {
    /// Asks which VAT rates are programmed.
    package static let getVATRates = CommandDefinition(
        "get_vat_rates", summary: "Asks which VAT rates are programmed",
        result: .object([.required("rates", .array(of: vatRate))]))

    /// A VAT rate as a register has it programmed.
    static let vatRate = Schema.object([
        .required("name", .string(min: 1)), .required("percentage", .decimal(atLeast: 0)),
    ])
}

import JSON

extension CommandDefinition {
    /// Asks which VAT rates are programmed.
    package static let getVATRates = CommandDefinition(
        "get_vat_rates", summary: "Asks which VAT rates are programmed",
        result: .object([.required("rates", .array(of: vatRate).illustrated(by: programmedRates))]))

    /// A VAT rate as a register has it programmed.
    static let vatRate = Schema.object([
        .required("name", .string(min: 1)), .required("percentage", .decimal(atLeast: 0)),
    ])

    /// Rates that a register may have.
    static let programmedRates: JSON = [
        ["name": "Standard", "percentage": 21], ["name": "Redusă alimente", "percentage": 9],
    ]
}

import JSON

extension CommandDefinition {
    /// Prints free text.
    package static let nonFiscalReceipt = CommandDefinition(
        "non_fiscal_receipt", summary: "Prints free text, outside the fiscal logic",
        payload: .object([
            .required("lines", .array(of: .string(max: 48), min: 1)),
            .optional("header", .string(max: 48).described("Printed bold and centred at the top.")),
        ]).named("NonFiscalReceiptPayload").illustrated(by: [
            "header": "MULȚUMIM", "lines": ["Cod cupon: ABC-123", "Valabil până la 30.06.2026"],
        ]))
}

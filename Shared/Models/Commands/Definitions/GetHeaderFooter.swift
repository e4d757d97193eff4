import JSON

extension CommandDefinition {
    /// Asks which lines head and end every receipt.
    package static let getHeaderFooter = CommandDefinition(
        "get_header_footer", summary: "Asks which lines head and end every receipt",
        result: .object([.required("header", .array(of: .string)), .required("footer", .array(of: .string))])
            .illustrated(by: [
                "header": ["ACME SRL", "Strada Exemplu 1, Bucuresti"], "footer": ["www.acme.ro", "Vă mulțumim!"],
            ]))
}

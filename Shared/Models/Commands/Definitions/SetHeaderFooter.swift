import JSON

extension CommandDefinition {
    /// Programs the lines that head and end every receipt.
    package static let setHeaderFooter = CommandDefinition(
        "set_header_footer", summary: "Programs the lines that head and end every receipt",
        payload: .object([.required("header", lines), .required("footer", lines)]).named("SetHeaderFooterPayload")
            .illustrated(by: [
                "header": ["ACME SRL", "Strada Exemplu 1, Bucuresti"], "footer": ["www.acme.ro", "Vă mulțumim!"],
            ]))

    private static let lines = Schema.array(of: .string(max: 48), max: 10)
}

import JSON

extension CommandDefinition {
    /// Asks how many lines the register has room for, and the like.
    package static let getHeaderFooterCapabilities = CommandDefinition(
        "get_header_footer_capabilities", summary: "Asks what can be programmed about header and footer",
        result: .nonEmptyObject.illustrated(by: ["maxHeaderLines": 10, "maxFooterLines": 10, "maxLineLength": 48]))
}

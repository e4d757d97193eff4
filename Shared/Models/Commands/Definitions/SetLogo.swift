import JSON

extension CommandDefinition {
    /// Stores the picture that heads every receipt.
    package static let setLogo = CommandDefinition(
        "set_logo", summary: "Stores the picture that heads every receipt",
        payload: .object([.required("logo", .string(.base64))]).named("SetLogoPayload"))
}

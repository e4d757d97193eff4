import JSON

extension CommandDefinition {
    /// Stores the picture that heads every receipt.
    package static let setLogo = CommandDefinition(
        "set_logo", summary: "Stores the picture that heads every receipt",
        payload: .object([
            .required("logo", .string(min: 1, format: .base64).described("BMP, PNG or JPEG, as the register can do."))
        ]).named("SetLogoPayload").illustrated(by: ["logo": "iVBORw0KGgo="]))
}

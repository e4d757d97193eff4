extension CommandDefinition {
    /// Removes the picture that heads every receipt.
    package static let deleteLogo = CommandDefinition(
        "delete_logo", summary: "Removes the picture that heads every receipt")
}

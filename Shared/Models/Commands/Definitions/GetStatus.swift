extension CommandDefinition {
    /// Asks the register for its state.
    package static let getStatus = CommandDefinition(
        "get_status", summary: "Asks the register for its state")
}

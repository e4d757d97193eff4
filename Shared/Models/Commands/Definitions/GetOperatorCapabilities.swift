import JSON

extension CommandDefinition {
    /// Asks how many operators the register has room for, and the like.
    package static let getOperatorCapabilities = CommandDefinition(
        "get_operator_capabilities", summary: "Asks what can be programmed about operators",
        result: .nonEmptyObject.illustrated(by: [
            "maxOperators": 30, "maxNameLength": 32, "passwordsProgrammable": true,
        ]))
}

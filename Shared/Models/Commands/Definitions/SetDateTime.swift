import JSON

extension CommandDefinition {
    /// Sets the register's clock, to the server's time unless another is given.
    package static let setDateTime = CommandDefinition(
        "set_datetime", summary: "Sets the register's clock",
        payload: .object([.optional("datetime", .dateTime)]).named("SetDateTimePayload"))
}

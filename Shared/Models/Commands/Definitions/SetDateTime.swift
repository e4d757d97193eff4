import JSON

extension CommandDefinition {
    /// Sets the register's clock, to the server's time unless another is given.
    package static let setDateTime = CommandDefinition(
        "set_datetime", summary: "Sets the register's clock",
        payload: .object([.optional("datetime", datetime)]).named("SetDateTimePayload")
            .illustrated(by: ["datetime": "2026-04-09T08:10:00.000Z"]))

    private static let datetime = Schema.dateTime.described(
        "Read as UTC where it has no offset. Left out, the live route takes the server's time, the queue leaves it to the app."
    )
}

import JSON

extension CommandDefinition {
    /// Prints the totals of the day and closes it.
    package static let zReport = CommandDefinition(
        "z_report", summary: "Prints the totals of the day and closes it",
        isExclusive: true,
        result: Schema.object(closingFields)
            .illustrated(by: .object(figures.merging(["zNumber": 112]))),
        output: .report(.z, closesDay: true))

    /// What the register says of a day that it closes.
    static let closingFields = reportFields + [.required("zNumber", .integer(min: 0))]
}

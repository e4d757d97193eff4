import JSON

extension CommandDefinition {
    /// Prints the totals of the day so far.
    package static let xReport = CommandDefinition(
        "x_report", summary: "Prints the totals of the day so far",
        result: .object(reportFields), output: .report(.x, closesDay: false))

    /// What the register says of a day.
    static let reportFields: [Field] = [
        .required("totals", .object(["sales", "refunds", "net"].map { .required($0, .decimal()) })),
        .required("vatBreakdown", .array(of: .object(["rate", "base", "amount"].map { .required($0, .decimal()) }))),
        .required("receiptCount", .integer(min: 0)),
    ]
}

import JSON

extension CommandDefinition {
    /// Prints the totals of the day so far.
    package static let xReport = CommandDefinition(
        "x_report", summary: "Prints the totals of the day so far",
        result: Schema.object(reportFields).illustrated(by: .object(figures)), output: .report(.x, closesDay: false))

    /// The figures of a day.
    static let figures: JSONObject = [
        "totals": ["sales": 119.00, "refunds": 0, "net": 119.00],
        "vatBreakdown": [["rate": 21, "base": 98.35, "amount": 20.65]], "receiptCount": 7,
    ]

    /// What the register says of a day.
    static let reportFields: [Field] = [
        .required("totals", .object(["sales", "refunds", "net"].map { .required($0, .decimal()) })),
        .required("vatBreakdown", .array(of: .object(["rate", "base", "amount"].map { .required($0, .decimal()) }))),
        .required("receiptCount", .integer(min: 0)),
    ]
}

import JSON

extension CommandDefinition {
    /// Asks what the register is: model, firmware, fiscal series.
    package static let getInfo = CommandDefinition(
        "get_info", summary: "Asks what the register is",
        result: .nonEmptyObject.illustrated(by: [
            "manufacturer": "Datecs", "model": "DP-25", "firmware": "2.4.1", "fiscalSeries": "8000123456",
        ]))
}

extension AlertRule {
    static let paperLow = AlertRule(
        type: "paper_low", severity: .warning, message: "Paper is running low",
        onset: { $0.paperSince.map(Onset.since) })
}

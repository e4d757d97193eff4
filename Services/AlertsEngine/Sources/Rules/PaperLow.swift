extension AlertRule {
    static let paperLow = AlertRule(
        type: "paper_low", severity: .warning, message: "Paper is running low", detectedAt: \.paperSince)
}

extension AlertRule {
    static let coverOpen = AlertRule(
        type: "cover_open", severity: .error, message: "Cover is open", detectedAt: \.coverOpenSince)
}

extension AlertRule {
    static let coverOpen = AlertRule(
        type: "cover_open", severity: .error, message: "Cover is open",
        onset: { $0.coverOpenSince.map(Onset.since) })
}

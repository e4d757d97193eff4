extension AlertRule {
    static let fiscalMemoryAlmostFull = AlertRule(
        type: "fiscal_memory_almost_full", severity: .warning, message: "Fiscal memory is almost full",
        onset: { $0.fiscalMemoryAlmostFullSince.map(Onset.since) })
}

import Models

/// Which plan a Stripe price buys.
struct PriceCatalogue: Sendable {
    let plans: [String: Plan]
    /// What is bought by who does not say what.
    let standard: String?

    init(pro: [String], enterprise: [String]) {
        standard = pro.first
        plans = Dictionary(
            pro.map { ($0, Plan.pro) } + enterprise.map { ($0, Plan.enterprise) }, uniquingKeysWith: { $1 })
    }

    /// The highest plan among the prices of a subscription, which may carry add-ons; nil when none is known.
    func plan(for priceIDs: [String]) -> Plan? {
        let bought = priceIDs.compactMap { plans[$0] }
        return bought.contains(.enterprise) ? .enterprise : bought.first
    }
}

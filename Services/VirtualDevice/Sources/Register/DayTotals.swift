import FoundationEssentials
import JSON
import Models

/// What has been sold and taken back since the last Z report.
struct DayTotals: Equatable {
    private(set) var sales = Money.zero
    private(set) var refunds = Money.zero
    private(set) var receiptCount = 0
    private var vat: [Decimal: ReceiptAmounts.VAT] = [:]

    mutating func sell(_ receipt: ReceiptAmounts) {
        sales = sales + receipt.total
        add(receipt) { $0 + $1 }
    }

    mutating func reverse(_ receipt: ReceiptAmounts) {
        refunds = refunds + receipt.total
        add(receipt) { $0 - $1 }
    }

    private mutating func add(_ receipt: ReceiptAmounts, _ sum: (Money, Money) -> Money) {
        receiptCount += 1
        for (rate, part) in receipt.vat {
            let before = vat[rate] ?? ReceiptAmounts.VAT()
            vat[rate] = ReceiptAmounts.VAT(base: sum(before.base, part.base), amount: sum(before.amount, part.amount))
        }
    }

    /// The figures of an X or Z report, contract §6.
    var figures: JSONObject {
        let breakdown: [JSON] = vat.sorted { $0.key < $1.key }.map { rate, part in
            ["rate": .decimal(rate), "base": part.base.json, "amount": part.amount.json]
        }
        return [
            "totals": ["sales": sales.json, "refunds": refunds.json, "net": (sales - refunds).json],
            "vatBreakdown": .array(breakdown), "receiptCount": .number(receiptCount),
        ]
    }
}

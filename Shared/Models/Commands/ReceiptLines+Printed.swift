import FoundationEssentials
import JSON

/// The parts of a receipt that a register has printed already. They are looser than those of an order: what is on paper
/// cannot be refused, so a rule only catches what no register prints.
extension ReceiptLines {
    static let printedItems = Schema.array(
        of: item(vatRate: printedRate).named("PrintedItem"), min: 1, max: 1000)

    /// Registers are programmed with the rates of their day, so an older receipt has others than an order may have.
    static let printedRate = Schema.decimal(atLeast: 0, atMost: 100, places: 2).described("Per cent.")

    static let printedAmount = Schema.decimal(atLeast: 0, atMost: largest, places: 2)

    static let totalMatchesItems = Rule(
        "total must be the sum of the items, quantity × price less discount; 0.01 an item is let pass",
        reading: ["items", "total"]
    ) { receipt in
        let (due, total) = (Receipt.amounts(of: receipt.elements("items")).total, receipt.money("total"))
        guard !agree(due, total, lines: receipt.elements("items").count) else { return [] }
        return [.init("total", "total (\(total)) does not match items total (\(due))")]
    }

    static let breakdownMatchesItems = Rule(
        "vatBreakdown must account for the items of each rate, base + vat; 0.01 an item is let pass, and the rate 0 may "
            + "be left out",
        reading: ["items", "vatBreakdown"]
    ) { receipt in
        let items = Dictionary(grouping: receipt.elements("items")) { $0["vatRate"]?.number?.decimal ?? 0 }
        var stated: [Decimal: Money] = [:]
        for line in receipt.elements("vatBreakdown").compactMap(\.object) {
            let rate = line.decimal("rate")
            stated[rate] = (stated[rate] ?? .zero) + line.money("base") + line.money("vat")
        }
        return Set(stated.keys).union(items.keys).sorted().compactMap { rate in
            let due = Receipt.amounts(of: items[rate] ?? []).total
            let said = stated[rate] ?? (rate == 0 ? due : .zero)
            guard !agree(due, said, lines: items[rate]?.count ?? 0) else { return nil }
            return .init("vatBreakdown", "vatBreakdown at \(rate) % (\(said)) does not match its items (\(due))")
        }
    }

    static let taxMatchesBase = Rule(
        "vat must be base × rate / 100; 0.01 an item is let pass", reading: ["items", "vatBreakdown"]
    ) { receipt in
        let lines = receipt.elements("items").count
        return receipt.elements("vatBreakdown").compactMap(\.object).enumerated().compactMap { index, line in
            let (vat, computed) = (line.money("vat"), Money(line.decimal("base") * line.decimal("rate") / 100))
            guard !agree(vat, computed, lines: lines) else { return nil }
            return .init("vatBreakdown[\(index)].vat", "vat (\(vat)) does not match base × rate (\(computed))")
        }
    }

    static let paymentsCoverTotal = Rule(
        "payments must cover the total, change may be part of them; 0.01 is let pass, and a refund or storno may say "
            + "nothing of payments",
        reading: ["type", "payments", "total"]
    ) { receipt in
        let payments = receipt.elements("payments").compactMap(\.object)
        if payments.isEmpty, receipt["type"]?.string != ReceiptType.sale.rawValue { return [] }
        let paid = payments.reduce(Money.zero) { $0 + $1.money("amount") }
        let total = receipt.money("total")
        guard paid + Money(bani: 1) < total else { return [] }
        return [.init("payments", "Payment total (\(paid)) does not cover total (\(total))")]
    }

    /// Registers round each line, and not all of them alike.
    private static func agree(_ one: Money, _ other: Money, lines: Int) -> Bool {
        max(one, other) - min(one, other) <= Money(bani: Int64(max(1, lines)))
    }
}

extension JSONObject {
    fileprivate func elements(_ name: String) -> [JSON] { self[name]?.array ?? [] }
    fileprivate func decimal(_ name: String) -> Decimal { self[name]?.number?.decimal ?? 0 }
    fileprivate func money(_ name: String) -> Money { Money(decimal(name)) }
}

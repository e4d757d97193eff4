import FoundationEssentials
import JSON

extension Receipt {
    /// What lines add up to, in all and by VAT rate, lowest rate first. Prices include VAT; each line is rounded to whole
    /// bani as the register prints it, so the bases and taxes add up to the total.
    /// - Parameter items: objects with `quantity`, `price`, `vatRate` and, if there is one, `discount` in RON; what is
    ///   missing counts as 0.
    package static func amounts(of items: [JSON]) -> (total: Money, vat: [VATLine]) {
        var gross: [Decimal: Money] = [:]
        for item in items {
            let rate = item["vatRate"]?.number?.decimal ?? 0
            gross[rate] = (gross[rate] ?? .zero) + amount(of: item)
        }
        let lines = gross.sorted { $0.key < $1.key }.map { rate, amount in
            let base = Money(rounding: amount.amount * 100 / (100 + rate)) ?? .zero
            return VATLine(rate: rate, base: base, vat: amount - base)
        }
        return (gross.values.reduce(.zero, +), lines)
    }

    /// Zero for what no register could have printed.
    private static func amount(of item: JSON) -> Money {
        func number(_ name: String) -> Decimal { item[name]?.number?.decimal ?? 0 }
        return Money(rounding: number("price") * number("quantity") - number("discount")) ?? .zero
    }
}

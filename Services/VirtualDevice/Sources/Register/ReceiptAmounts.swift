import FoundationEssentials
import JSON
import Models

/// What a receipt adds up to. Prices include VAT; each line is rounded to whole bani, and the VAT of a rate is taken
/// from the sum of its lines.
struct ReceiptAmounts: Equatable {
    struct Line: Equatable {
        let name: String
        let quantity: Decimal
        let price: Decimal
        let discount: Money
        let vatRate: Decimal
        /// Before the discount.
        let amount: Money
    }

    struct VAT: Equatable {
        var base = Money.zero
        var amount = Money.zero
    }

    let lines: [Line]
    let vat: [Decimal: VAT]
    let total: Money
    let payments: [(method: String, amount: Money)]

    init(payload: JSON) {
        lines = (payload["items"]?.array ?? []).map(Self.line)
        var gross: [Decimal: Money] = [:]
        for line in lines { gross[line.vatRate, default: .zero] = gross[line.vatRate, default: .zero] + line.due }
        vat = Dictionary(
            uniqueKeysWithValues: gross.map { rate, amount in
                let base = Money(amount.amount * 100 / (100 + rate))
                return (rate, VAT(base: base, amount: amount - base))
            })
        total = gross.values.reduce(.zero, +)
        payments = (payload["payments"]?.array ?? []).map {
            ($0["type"]?.string ?? "other", Money($0["amount"]?.number?.decimal ?? 0))
        }
    }

    /// What goes through the drawer. A reversal that says nothing of payments is paid out in cash.
    var cash: Money {
        payments.isEmpty ? total : payments.filter { $0.method == "cash" }.map(\.amount).reduce(.zero, +)
    }

    private static func line(_ item: JSON) -> Line {
        let quantity = item["quantity"]?.number?.decimal ?? 0
        let price = item["price"]?.number?.decimal ?? 0
        let discount = item["discount"]?.number?.decimal ?? 0
        let due = Money(quantity * price - discount)
        return Line(
            name: item["name"]?.string ?? "", quantity: quantity, price: price, discount: Money(discount),
            vatRate: item["vatRate"]?.number?.decimal ?? 0, amount: due + Money(discount))
    }

    static func == (left: ReceiptAmounts, right: ReceiptAmounts) -> Bool {
        left.lines == right.lines && left.payments.elementsEqual(right.payments, by: ==)
    }
}

extension ReceiptAmounts.Line {
    var due: Money { amount - discount }
}

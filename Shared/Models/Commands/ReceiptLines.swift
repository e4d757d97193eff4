import FoundationEssentials
import JSON

/// The parts that the payloads of printed receipts have in common.
enum ReceiptLines {
    static let largest: Decimal = 999_999_999

    static let items = Schema.array(of: item(vatRate: .oneOf([0, 9, 11, 21])).named("ReceiptItem"), min: 1)

    static func item(vatRate: Schema) -> Schema {
        .object(
            [
                .required("name", .string(1...72)),
                .required("quantity", .decimal(above: 0, atMost: largest)),
                .required("price", .decimal(atLeast: 0, atMost: largest).described("RON a unit, VAT included.")),
                .required("vatRate", vatRate),
                .optional("department", .integer(1...9)),
                .optional("discount", .decimal(atLeast: 0, atMost: largest).described("RON off the line.")),
            ], rules: [lineFits, discountFits])
    }

    static let payments = Schema.array(
        of: .object([
            .required("type", .oneOf(PaymentMethod.self)),
            .required("amount", .decimal(above: 0, atMost: largest)),
        ]).named("ReceiptPayment"), min: 1)

    /// Registers number their operators, apps name them: both are taken.
    static let operatorId = Schema.alternatives([.string(1...64), .integer(min: 1)])

    private static let lineFits = Rule(
        "quantity × price must be at most \(largest)", reading: ["quantity", "price"]
    ) { item in
        item.amount("quantity") * item.amount("price") > largest
            ? [.init("price", "quantity × price must be at most \(largest)")] : []
    }

    private static let discountFits = Rule(
        "discount must not exceed quantity × price", reading: ["quantity", "price", "discount"]
    ) { item in
        // A line given away is discounted by what is printed of it, which is rounded.
        Money(item.amount("discount")) > Money(item.amount("quantity") * item.amount("price"))
            ? [.init("discount", "discount must not exceed quantity × price")] : []
    }

    static let paymentsMatchItems = Rule(
        "payments, if given, must add up to the items: quantity × price less discount; 0.01 is let pass",
        reading: ["items", "payments"]
    ) { payload in
        guard let payments = payload["payments"]?.array else { return [] }
        let paid = Money(payments.reduce(Decimal(0)) { $0 + ($1.object?.amount("amount") ?? 0) })
        let due = total(of: payload["items"]?.array ?? [])
        guard max(paid, due) - min(paid, due) > Money(bani: 1) else { return [] }
        return [.init("payments", "Payment total (\(paid)) does not match items total (\(due))")]
    }

    private static func total(of items: [JSON]) -> Money {
        Money(
            items.compactMap(\.object).reduce(Decimal(0)) { sum, item in
                sum + item.amount("quantity") * item.amount("price") - item.amount("discount")
            })
    }
}

extension JSONObject {
    fileprivate func amount(_ name: String) -> Decimal { self[name]?.number?.decimal ?? 0 }
}

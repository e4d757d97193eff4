import FoundationEssentials
import JSON
import Testing

@testable import Models

@Suite("A receipt's amounts") struct ReceiptAmountsTests {
    struct Amounts: CustomTestStringConvertible {
        let items: String
        let total: String
        let vat: [String]
        var testDescription: String { items }
    }

    @Test(
        "split prices that include VAT exactly",
        arguments: [
            Amounts(items: #"[[1, 100, 21, 0]]"#, total: "100.00", vat: ["21: 82.64 + 17.36"]),
            Amounts(items: #"[[2, 10, 9, 0]]"#, total: "20.00", vat: ["9: 18.35 + 1.65"]),
            Amounts(items: #"[[1, 5.55, 0, 0]]"#, total: "5.55", vat: ["0: 5.55 + 0.00"]),
            Amounts(items: #"[[3, 0.1, 11, 0]]"#, total: "0.30", vat: ["11: 0.27 + 0.03"]),
            Amounts(items: #"[[0.333, 9.99, 9, 0]]"#, total: "3.33", vat: ["9: 3.06 + 0.27"]),
            Amounts(items: #"[[1, 10, 21, 2.5], [1, 10, 21, 0]]"#, total: "17.50", vat: ["21: 14.46 + 3.04"]),
            Amounts(
                items: #"[[1, 0.1, 21, 0], [1, 0.2, 9, 0], [1, 0.3, 21, 0]]"#, total: "0.60",
                vat: ["9: 0.18 + 0.02", "21: 0.33 + 0.07"]),
        ])
    func amounts(_ expected: Amounts) throws {
        let rows = try #require(try JSON(parsing: expected.items).array)
        let items: [JSON] = try rows.map {
            [
                "name": "x", "quantity": try #require($0[0]), "price": try #require($0[1]),
                "vatRate": try #require($0[2]), "discount": try #require($0[3]),
            ]
        }
        let (total, vat) = Receipt.amounts(of: items)
        #expect(total.description == expected.total)
        #expect(vat.map { "\($0.rate): \($0.base) + \($0.vat)" } == expected.vat)
        #expect(vat.reduce(Money.zero) { $0 + $1.base + $1.vat } == total)
    }
}

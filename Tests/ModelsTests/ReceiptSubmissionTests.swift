import JSON
import Testing

@testable import Models

@Suite("A receipt that the app stores") struct ReceiptSubmissionTests {
    private static let whole = #"""
        {"deviceId":"dev_1","type":"sale","items":[{"name":"Pâine","quantity":2,"price":4.50,"vatRate":11}],
        "payments":[{"method":"cash","amount":9}],"total":9.00,"vatBreakdown":[{"rate":11,"base":8.11,"vat":0.89}]}
        """#

    /// The whole receipt with these members instead; `null` leaves one out.
    private func violations(_ changes: String) throws -> [String] {
        var body = try #require(try JSON(parsing: Self.whole).object)
        for member in try JSON(parsing: changes).object?.members ?? [] {
            body[member.name] = member.value.isNull ? Optional.none : member.value
        }
        return ReceiptSubmission.schema.violations(of: .object(body), at: "body").map(\.description)
    }

    @Test(
        "is accepted if a register may have printed it",
        arguments: [
            "{}", #"{"type":"refund","payments":[]}"#,
            #"""
            {"operatorId":7,"receiptNumber":12,"fiscalId":"A-1","fiscalDate":"2026-04-09T11:10:00+03:00",
            "fiscalSeries":"DB","customerCif":"RO12345678","qrCode":"https://x"}
            """#,
            // Change is given back, meal tickets are not.
            #"{"payments":[{"method":"voucher","amount":10},{"method":"cash","amount":0}]}"#,
            // The rates of another year.
            #"""
            {"items":[{"name":"x","quantity":1,"price":119,"vatRate":19}],"total":119,
            "payments":[{"method":"card","amount":119}],"vatBreakdown":[{"rate":19,"base":100,"vat":19}]}
            """#,
            // Rounded per line, the other way round, and one bani short.
            #"""
            {"items":[{"name":"x","quantity":0.333,"price":9.99,"vatRate":9},
            {"name":"y","quantity":0.333,"price":9.99,"vatRate":9}],"total":6.64,
            "payments":[{"method":"cash","amount":6.63}],"vatBreakdown":[{"rate":9,"base":6.09,"vat":0.55}]}
            """#,
            // Who pays no VAT states none.
            #"{"items":[{"name":"x","quantity":1,"price":9,"vatRate":0}],"vatBreakdown":[]}"#,
            // Given away: the discount is what is printed of 0.333 × 9.99.
            #"""
            {"items":[{"name":"x","quantity":0.333,"price":9.99,"vatRate":9,"discount":3.33}],"total":0,"payments":[],
            "vatBreakdown":[]}
            """#,
        ])
    func accepted(changes: String) throws {
        #expect(try violations(changes) == [])
    }

    @Test(
        "is refused with every wrong field",
        arguments: [
            (
                #"{"deviceId":null,"type":"gift","items":[],"payments":null,"total":9.001,"vatBreakdown":{}}"#,
                [
                    "body.deviceId: deviceId is required", "body.type: type must be one of: sale, refund, storno",
                    "body.items: items must have at least 1 entry", "body.payments: payments is required",
                    "body.total: total must have at most 2 decimal places",
                    "body.vatBreakdown: vatBreakdown must be an array",
                ]
            ),
            (
                #"""
                {"items":[{"quantity":-1,"price":1,"vatRate":101}],"payments":[{"method":"gold","amount":-1}],
                "vatBreakdown":[{"rate":-1,"base":"1"}],"total":-9}
                """#,
                [
                    "body.items[0].name: name is required", "body.items[0].quantity: quantity must be greater than 0",
                    "body.items[0].vatRate: vatRate must be at most 100",
                    "body.payments[0].method: method must be one of: cash, card, voucher, other",
                    "body.payments[0].amount: amount must be at least 0", "body.total: total must be at least 0",
                    "body.vatBreakdown[0].rate: rate must be at least 0",
                    "body.vatBreakdown[0].base: base must be a number", "body.vatBreakdown[0].vat: vat is required",
                ]
            ),
            (
                #"{"operatorId":0,"receiptNumber":"","fiscalId":"","fiscalDate":"9.4.2026","fiscalSeries":5}"#,
                [
                    "body.operatorId: operatorId must be a string",
                    "body.receiptNumber: receiptNumber must be 1 to 64 characters",
                    "body.fiscalId: fiscalId must be 1 to 128 characters",
                    "body.fiscalDate: fiscalDate must be an ISO 8601 date or date-time",
                    "body.fiscalSeries: fiscalSeries must be a string",
                ]
            ),
            (
                #"""
                {"items":[{"name":"x","quantity":1e-60,"price":1.0000000000000000000001e-20,"vatRate":0,"discount":1e-60},
                {"name":"y","quantity":999999999,"price":999999999,"vatRate":21},
                {"name":"z","quantity":1,"price":1,"vatRate":1e-60}]}
                """#,
                [
                    "body.items[1].price: quantity × price must be at most 999999999",
                    "body.items[2].vatRate: vatRate must have at most 2 decimal places",
                ]
            ),
            (
                #"{"total":9.02}"#,
                [
                    "body.total: total (9.02) does not match items total (9.00)",
                    "body.payments: Payment total (9.00) does not cover total (9.02)",
                ]
            ),
            (
                #"{"payments":[]}"#, ["body.payments: Payment total (0.00) does not cover total (9.00)"]
            ),
            (
                #"{"type":"storno","payments":[{"method":"cash","amount":8.98}]}"#,
                ["body.payments: Payment total (8.98) does not cover total (9.00)"]
            ),
            (
                #"{"vatBreakdown":[{"rate":21,"base":7.44,"vat":1.56}]}"#,
                [
                    "body.vatBreakdown: vatBreakdown at 11 % (0.00) does not match its items (9.00)",
                    "body.vatBreakdown: vatBreakdown at 21 % (9.00) does not match its items (0.00)",
                ]
            ),
            (
                #"{"vatBreakdown":[{"rate":11,"base":0.89,"vat":8.11}]}"#,
                ["body.vatBreakdown[0].vat: vat (8.11) does not match base × rate (0.10)"]
            ),
        ])
    func refused(changes: String, expected: [String]) throws {
        let found = try violations(changes)
        #expect(found == expected)
    }

    @Test("may be as long as a register prints, and not longer")
    func bounds() throws {
        let body = try #require(try JSON(parsing: Self.whole).object)
        let item = try #require(body["items"]?[0])
        func paths(_ name: String, _ value: JSON) -> [String] {
            var body = body
            body[name] = value
            return ReceiptSubmission.schema.violations(of: .object(body), at: "body").map(\.path)
        }
        #expect(paths("items", .array(Array(repeating: item, count: 1001))) == ["body.items"])
        #expect(
            paths("payments", .array(Array(repeating: ["method": "cash", "amount": 1], count: 101))) == [
                "body.payments"
            ])
        #expect(paths("qrCode", .string(String(repeating: "q", count: 2049))) == ["body.qrCode"])
        #expect(paths("customerCif", .string(String(repeating: "1", count: 33))) == ["body.customerCif"])
    }
}

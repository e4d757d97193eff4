import JSON
import Testing

@testable import Models

@Suite("Command payloads") struct CommandPayloadTests {
    private func violations(_ type: CommandType, _ payload: String?) throws -> [String] {
        let definition = try #require(CommandCatalogue[type])
        let payload = try payload.map { try JSON(parsing: $0) }
        return definition.violations(ofPayload: payload, at: "body.payload").map(\.description)
    }

    private static let item = #"{"name":"Pâine","quantity":2,"price":4.50,"vatRate":9}"#
    private static let original = #""reason":"refund","originalReceipt":{"number":"12","date":"2026-04-09"}"#

    @Test(
        "are accepted when they are right",
        arguments: [
            ("print_receipt", #"{"items":[\#(item)],"payments":[{"type":"cash","amount":9}]}"#),
            (
                "print_receipt",
                #"{"items":[\#(item)],"payments":[{"type":"cash","amount":5.005},{"type":"card","amount":3.995}],"operatorId":1}"#
            ),
            ("print_receipt", #"{"items":[\#(item)],"payments":[{"type":"other","amount":8.99}]}"#),
            ("print_reversal_receipt", #"{"items":[\#(item)],\#(original)}"#),
            ("void_receipt", #"{"receiptId":"rcp_1"}"#), ("cash_in", #"{"amount":0.01,"reason":"fond"}"#),
            ("cash_out", #"{"amount":100}"#), ("get_cash_amount", nil), ("get_cash_amount", "{}"), ("z_report", nil),
            ("raw_command", #"{"data":"0aFF"}"#), ("non_fiscal_receipt", #"{"lines":["a"],"header":"b"}"#),
            ("set_datetime", nil), ("set_datetime", #"{"datetime":"2026-04-09T08:10:00.000Z"}"#),
            ("set_logo", #"{"logo":"QUJD"}"#), ("set_vat_rates", #"{"rates":[{"name":"A","percentage":21}]}"#),
            ("set_header_footer", #"{"header":[],"footer":["x"]}"#),
            ("set_operator", #"{"operatorId":1,"name":"Ana"}"#),
        ] as [(CommandType, String?)])
    func valid(type: CommandType, payload: String?) throws {
        #expect(try violations(type, payload) == [])
    }

    @Test(
        "are refused with every wrong field",
        arguments: [
            ("print_receipt", nil, ["body.payload: payload is required"]),
            (
                "print_receipt",
                #"{"items":[{"name":"a","quantity":1e-100,"price":1e-100,"vatRate":9}],"payments":[{"type":"cash","amount":1e400}]}"#,
                [
                    "body.payload.items[0].quantity: quantity must be a number",
                    "body.payload.items[0].price: price must be a number",
                    "body.payload.payments[0].amount: amount must be a number",
                ]
            ),
            (
                "print_receipt", "{}",
                ["body.payload.items: items is required", "body.payload.payments: payments is required"]
            ),
            (
                "print_receipt",
                #"{"items":[{"name":"","quantity":0,"price":-1,"vatRate":5,"department":10,"discount":-1}],"payments":[{"type":"gold","amount":0}]}"#,
                [
                    "body.payload.items[0].name: name must be 1 to 72 characters",
                    "body.payload.items[0].quantity: quantity must be greater than 0",
                    "body.payload.items[0].price: price must be at least 0",
                    "body.payload.items[0].vatRate: vatRate must be one of: 0, 9, 11, 21",
                    "body.payload.items[0].department: department must be between 1 and 9",
                    "body.payload.items[0].discount: discount must be at least 0",
                    "body.payload.payments[0].type: type must be one of: cash, card, voucher, other",
                    "body.payload.payments[0].amount: amount must be greater than 0",
                ]
            ),
            (
                "print_receipt", #"{"items":[],"payments":[]}"#,
                [
                    "body.payload.items: items must have at least 1 entry",
                    "body.payload.payments: payments must have at least 1 entry",
                ]
            ),
            (
                "print_receipt",
                #"{"items":[{"name":"x","quantity":1,"price":100,"vatRate":9}],"payments":[{"type":"cash","amount":99.95}]}"#,
                ["body.payload.payments: Payment total (99.95) does not match items total (100.00)"]
            ),
            (
                "print_receipt",
                #"{"items":[{"name":"x","quantity":2,"price":1,"vatRate":9,"discount":2.01}],"payments":[{"type":"cash","amount":1}]}"#,
                ["body.payload.items[0].discount: discount must not exceed quantity × price"]
            ),
            (
                "print_receipt",
                #"{"items":[{"name":"x","quantity":3,"price":0.1,"vatRate":9}],"payments":[{"type":"cash","amount":0.32}]}"#,
                ["body.payload.payments: Payment total (0.32) does not match items total (0.30)"]
            ),
            (
                "print_reversal_receipt", #"{"items":[\#(item)],"reason":"fun"}"#,
                [
                    "body.payload.reason: reason must be one of: operator_error, refund, tax_base_reduction",
                    "body.payload.originalReceipt: originalReceipt is required",
                ]
            ),
            (
                "print_reversal_receipt",
                #"{"items":[\#(item)],"payments":[{"type":"cash","amount":1}],\#(original)}"#,
                ["body.payload.payments: Payment total (1.00) does not match items total (9.00)"]
            ),
            ("cash_in", #"{"amount":0}"#, ["body.payload.amount: amount must be greater than 0"]),
            (
                "raw_command", #"{"data":"xyz"}"#,
                ["body.payload.data: data must be an even number of hexadecimal digits"]
            ),
            ("z_report", "[]", ["body.payload: payload must be an object"]),
        ] as [(CommandType, String?, [String])])
    func invalid(type: CommandType, payload: String?, expected: [String]) throws {
        #expect(try violations(type, payload) == expected)
    }

    @Test("are validated as part of the body that orders the command")
    func submission() throws {
        let body: JSON = ["type": "print_receipt", "payload": ["items": [["vatRate": 5]]]]
        let expected = [
            "body.payload.items[0].name: name is required", "body.payload.items[0].quantity: quantity is required",
            "body.payload.items[0].price: price is required",
            "body.payload.items[0].vatRate: vatRate must be one of: 0, 9, 11, 21",
            "body.payload.payments: payments is required",
        ]
        #expect(CommandSubmission.schema.violations(of: body, at: "body").map(\.description) == expected)
        let withoutDevice = CommandSubmission.schemaWithDevice.violations(of: body, at: "body").map(\.description)
        #expect(withoutDevice == ["body.deviceId: deviceId is required"] + expected)
        #expect(CommandSubmission.schema.violations(of: ["type": "z_report"], at: "body") == [])
        let unknown = CommandSubmission.schema.violations(of: ["type": "dance"], at: "body")
        #expect(unknown.map(\.path) == ["body.type"])
    }

    @Test("exist for the 27 types of the contract, each once")
    func catalogue() {
        #expect(Set(CommandCatalogue.all.map(\.type)).count == 27)
        #expect(CommandCatalogue.all.count == 27)
        #expect(CommandCatalogue["z_report"]?.isExclusive == true)
        #expect(CommandCatalogue["raw_command"]?.additionalScopes == [.devicesWrite])
        #expect(CommandCatalogue["print_receipt"]?.output == .receipt(.sale))
        #expect(CommandCatalogue["dance"] == nil)
    }
}

import JSON

/// What one live route takes, and what comes of it.
struct LiveCase {
    let command: String
    var body: JSON?
    /// What the register says.
    var data: JSON = [:]
    /// The members before `deviceId` and `timestamp`.
    let answer: String
    var status = 200
    /// Bodies with the paths of what is wrong in them.
    var wrong: [(body: JSON, paths: [String])] = []
    /// Data that lack what the route promises.
    var incomplete: [JSON] = []

    static let all = questions + orders

    static let questions = [
        LiveCase(
            command: "get_cash_amount", data: ["cashBalance": 1234, "drawer": "open", "currency": nil],
            answer: #""cashBalance":1234,"currency":"RON""#,
            incomplete: [[:], ["cashBalance": nil], ["cashBalance": "5"], ["currency": "RON"], []]),
        LiveCase(
            command: "get_vat_rates", data: ["more": 1, "rates": [["name": "Standard", "percentage": 21]]],
            answer: #""rates":[{"name":"Standard","percentage":21}]"#,
            incomplete: [[:], ["rates": [["name": "Standard"]]], ["rates": "21"]]),
        LiveCase(
            command: "get_header_footer", data: ["footer": ["Vă mulțumim!"], "header": ["ACME SRL"]],
            answer: #""header":["ACME SRL"],"footer":["Vă mulțumim!"]"#,
            incomplete: [[:], ["header": ["ACME SRL"]], ["header": "ACME SRL", "footer": []]]),
        open("get_vat_capabilities"), open("get_header_footer_capabilities"), open("get_operator_capabilities"),
        open("get_info"), open("get_last_receipt_info"),
    ]

    /// The register's data are passed on as they are.
    private static func open(_ command: String) -> LiveCase {
        LiveCase(
            command: command, data: ["maxRates": 5, "note": nil, "more": [["deviceId": 1]]],
            answer: #""maxRates":5,"note":null,"more":[{"deviceId":1}]"#,
            incomplete: [[:], ["deviceId": "dev_2", "timestamp": "never"]])
    }

    static let orders = [
        LiveCase(
            command: "set_datetime", body: ["datetime": "2026-04-09T11:10:00+03:00"],
            answer: #""success":true,"datetime":"2026-04-09T08:10:00.000Z""#,
            wrong: [(["datetime": "tomorrow"], ["body.datetime"]), (["datetime": nil], ["body.datetime"])]),
        done("print_duplicate", says: "Duplicate printed successfully"),
        done(
            "non_fiscal_receipt", ["header": "MULȚUMIM", "lines": ["Cod cupon: ABC-123", ""]],
            says: "Non-fiscal receipt printed successfully",
            wrong: [
                ([:], ["body.lines"]), (["lines": []], ["body.lines"]), (["lines": "text"], ["body.lines"]),
                (
                    ["lines": [.string(long(49)), 1, .string(long(48))], "header": .string(long(49))],
                    ["body.lines[0]", "body.lines[1]", "body.header"]
                ),
            ]),
        done(
            "set_logo", ["logo": "iVBORw0KGgo="], says: "Logo uploaded successfully",
            wrong: [([:], ["body.logo"]), (["logo": ""], ["body.logo"]), (["logo": "not an image!"], ["body.logo"])]),
        done("delete_logo", says: "Logo removed successfully"),
        done(
            "set_vat_rates", ["rates": [["name": "Standard", "percentage": 21], ["name": "Zero", "percentage": 0]]],
            says: "VAT rates programmed successfully",
            wrong: [
                ([:], ["body.rates"]), (["rates": []], ["body.rates"]),
                (
                    ["rates": [["name": "", "percentage": -1], ["name": 5], "x"]],
                    [
                        "body.rates[0].name", "body.rates[0].percentage", "body.rates[1].name",
                        "body.rates[1].percentage", "body.rates[2]",
                    ]
                ),
            ]),
        done(
            "set_header_footer", ["header": ["ACME SRL", .string(long(48))], "footer": []],
            says: "Header and footer programmed successfully",
            wrong: [
                ([:], ["body.header", "body.footer"]), (["header": "text", "footer": []], ["body.header"]),
                (
                    ["header": .array(Array(repeating: "x", count: 11)), "footer": ["a", .string(long(49))]],
                    ["body.header", "body.footer[1]"]
                ),
            ]),
        done(
            "set_operator", ["operatorId": 1, "name": "Ana", "password": "12345678"],
            says: "Operator programmed successfully",
            wrong: [
                ([:], ["body.operatorId", "body.name"]),
                (
                    ["operatorId": 0, "name": "", "password": "123456789"],
                    ["body.operatorId", "body.name", "body.password"]
                ),
                (["operatorId": "1", "name": .string(long(33))], ["body.operatorId", "body.name"]),
            ]),
        done("void_open_receipt", says: "Open receipt voided successfully"),
        LiveCase(
            command: "print_reversal_receipt", body: reversal, data: ["receiptNumber": "0000123", "fiscalId": "F-1"],
            answer: #""success":true,"message":"Reversal receipt printed successfully","receiptNumber":"0000123""#,
            status: 201,
            wrong: [
                ([:], ["body.items", "body.reason", "body.originalReceipt"]),
                (
                    [
                        "items": [["name": "Coffee", "quantity": 1, "price": 10, "vatRate": 19]], "reason": "regret",
                        "originalReceipt": ["number": "", "date": "yesterday"],
                    ],
                    [
                        "body.items[0].vatRate", "body.reason", "body.originalReceipt.number",
                        "body.originalReceipt.date",
                    ]
                ),
            ]),
    ]

    static let reversal: JSON = [
        "items": [["name": "Coffee", "quantity": 1, "price": 10, "vatRate": 9]], "reason": "refund",
        "originalReceipt": ["number": "0000122", "date": "2026-04-09"],
    ]

    private static func done(
        _ command: String, _ body: JSON? = nil, says message: String, wrong: [(body: JSON, paths: [String])] = []
    ) -> LiveCase {
        LiveCase(
            command: command, body: body, data: ["success": false, "message": "Done by the register"],
            answer: #""success":true,"message":"\#(message)""#, wrong: wrong)
    }

    private static func long(_ count: Int) -> String { String(repeating: "Ș", count: count) }
}

import JSON
import Models
import Testing

@testable import VirtualDevice

@Suite("The register") struct RegisterTests {
    static let now: Timestamp = "2026-04-26T15:30:00.000Z"

    static func register() -> Register {
        var register = Register(device: "dev_pos_01")
        register.remember(.commissioning(at: "2026-01-01T00:00:00.000Z"))
        return register
    }

    static func order(_ type: CommandType, _ payload: String = "{}", id: CommandID = "cmd_1") throws -> Order {
        Order(
            id: id, type: type, payload: try JSON(parsing: payload), expiresAt: "2026-04-26T15:33:00.000Z")
    }

    static let sale = """
        {"items":[{"name":"Espresso","quantity":2,"price":8.5,"vatRate":11},
        {"name":"Laptop","quantity":1,"price":4500,"vatRate":21,"discount":100.5},
        {"name":"Cartofi","quantity":0.333,"price":4.99,"vatRate":11}],
        "payments":[{"type":"cash","amount":18.66},{"type":"card","amount":4399.5}],"customerCif":"RO123","operatorId":7}
        """
    static let reversal = """
        {"items":[{"name":"Espresso","quantity":1,"price":8.5,"vatRate":11}],"reason":"refund",
        "originalReceipt":{"number":"0000001","date":"2026-04-26"}}
        """

    /// Carries out a command and returns its data; nil when it is refused.
    private func perform(_ register: inout Register, _ type: CommandType, _ payload: String = "{}") throws -> JSON? {
        switch register.reaction(to: try Self.order(type, payload), at: Self.now) {
        case .refused: return nil
        case .answered(let data): return data
        case .recorded(let record):
            register.remember(record)
            return record.data
        }
    }

    @Test("adds up a day to the ban, and begins the next one at zero")
    func day() throws {
        var register = Self.register()
        _ = try perform(&register, "print_receipt", Self.sale)
        _ = try perform(&register, "print_reversal_receipt", Self.reversal)
        let figures = """
            {"totals":{"sales":4418.16,"refunds":8.50,"net":4409.66},"vatBreakdown":[\
            {"rate":11,"base":9.15,"amount":1.01},{"rate":21,"base":3635.95,"amount":763.55}],"receiptCount":2
            """
        #expect(try perform(&register, "x_report")?.text == figures + "}")
        #expect(try perform(&register, "z_report")?.text == figures + ",\"zNumber\":1}")
        let empty = "{\"totals\":{\"sales\":0.00,\"refunds\":0.00,\"net\":0.00},\"vatBreakdown\":[],\"receiptCount\":0"
        #expect(try perform(&register, "z_report")?.text == empty + ",\"zNumber\":2}")
        #expect(try perform(&register, "get_cash_amount")?.text == "{\"cashBalance\":10.16,\"currency\":\"RON\"}")
    }

    @Test("moves cash in and out, and gives no more than there is")
    func cash() throws {
        var register = Self.register()
        #expect(try perform(&register, "cash_in", #"{"amount":100.10}"#) == [:])
        #expect(try perform(&register, "cash_out", #"{"amount":100.11}"#) == nil)
        #expect(try perform(&register, "cash_out", #"{"amount":0.20}"#) == [:])
        #expect(register.memory.cash.description == "99.90")
    }

    @Test("numbers receipts without a gap across days and restarts, each with a fiscal id of its own")
    func numbers() throws {
        var register = Self.register()
        var records: [FiscalRecord] = [.commissioning(at: "2026-01-01T00:00:00.000Z")]
        for type in ["print_receipt", "z_report", "print_receipt"] as [CommandType] {
            let order = try Self.order(type, type == "z_report" ? "{}" : Self.sale)
            guard case .recorded(let record) = register.reaction(to: order, at: Self.now) else {
                Issue.record("refused")
                return
            }
            register.remember(record)
            records.append(record)
        }
        #expect(records.map { $0.data["receiptNumber"]?.string } == [nil, "0000001", nil, "0000002"])
        let series = register.fiscalSeries
        #expect(
            records.compactMap { $0.data["fiscalId"]?.string } == ["\(series)-0001-0000001", "\(series)-0002-0000002"])
        let restored = try records.reduce(into: RegisterMemory()) { memory, record in
            memory.apply(try #require(FiscalRecord(try JSON(parsing: JSON.object(record.members).serialized()))))
        }
        #expect(restored.day == register.memory.day)
        #expect(restored.cash == register.memory.cash)
        #expect(restored.prints == register.memory.prints)
        #expect(Register(device: "dev_pos_01", memory: restored).fiscalSeries == series)
    }

    @Test("prints as often as it is told, and its memory tells")
    func honesty() throws {
        var register = Self.register()
        for _ in 0..<2 { _ = try perform(&register, "print_receipt", Self.sale) }
        #expect(register.memory.prints == ["cmd_1": 2])
    }

    @Test(
        "does not print without paper, with an open cover or a fault, and says what can be tried again",
        arguments: [
            (Conditions(paperEnd: true), "E301"), (Conditions(coverOpen: true), "E302"),
            (Conditions(fault: "Head too hot"), "E399"),
        ])
    func faults(_ conditions: Conditions, _ code: String) throws {
        var register = Self.register()
        register.conditions = conditions
        for (type, payload) in [("print_receipt", Self.sale), ("z_report", "{}"), ("cash_in", #"{"amount":1}"#)] {
            let order = try Self.order(CommandType(rawValue: type), payload)
            guard case .refused(let error) = register.reaction(to: order, at: Self.now) else {
                Issue.record("printed")
                return
            }
            #expect(error.code == code)
            #expect(error.retryable)
        }
        #expect(try perform(&register, "get_cash_amount") != nil)
    }

    @Test(
        "refuses what it does not understand",
        arguments: [
            ("make_coffee", "{}", "E101"), ("print_receipt", "{}", "E102"), ("print_receipt", "[]", "E102"),
            ("cash_in", #"{"amount":-1}"#, "E102"), ("print_duplicate", "{}", "E117"),
            ("set_vat_rates", #"{"rates":[{"name":"123456789012345678901234567890123","percentage":21}]}"#, "E103"),
            ("set_operator", #"{"operatorId":31,"name":"Ana"}"#, "E104"),
        ])
    func refusals(_ type: String, _ payload: String, _ code: String) throws {
        let order = try Self.order(CommandType(rawValue: type), payload)
        guard case .refused(let error) = Self.register().reaction(to: order, at: Self.now) else {
            Issue.record("done")
            return
        }
        #expect(error.code == code)
        #expect(!error.retryable)
    }

    @Test(
        "answers every command of the catalogue as the catalogue promises",
        arguments: CommandCatalogue.all.map(\.type.rawValue))
    func catalogue(_ type: String) throws {
        let payloads = [
            "print_receipt": Self.sale, "print_reversal_receipt": Self.reversal, "cash_in": #"{"amount":1}"#,
            "cash_out": #"{"amount":1}"#, "void_receipt": #"{"receiptId":"rcp_1"}"#, "raw_command": #"{"data":"0a"}"#,
            "non_fiscal_receipt": #"{"lines":["x"]}"#, "set_logo": #"{"logo":"aGVsbG8="}"#,
            "set_vat_rates": #"{"rates":[{"name":"A","percentage":21,"more":[[[]]]}]}"#,
            "set_header_footer": #"{"header":["a"],"footer":[]}"#, "set_operator": #"{"operatorId":1,"name":"Ana"}"#,
        ]
        var register = Self.register()
        _ = try perform(&register, "print_receipt", Self.sale)
        let data = try #require(try perform(&register, CommandType(rawValue: type), payloads[type] ?? "{}"))
        #expect(CommandCatalogue[CommandType(rawValue: type)]?.result.violations(of: data, at: "data") == [])
    }

    @Test("knows what was programmed")
    func programming() throws {
        var register = Self.register()
        _ = try perform(&register, "set_vat_rates", #"{"rates":[{"name":"A","percentage":21,"more":[[[]]]}]}"#)
        _ = try perform(&register, "set_header_footer", #"{"header":["a"],"footer":[]}"#)
        #expect(try perform(&register, "get_vat_rates")?.text == #"{"rates":[{"name":"A","percentage":21}]}"#)
        #expect(try perform(&register, "get_header_footer")?.text == #"{"header":["a"],"footer":[]}"#)
        _ = try perform(&register, "set_datetime", #"{"datetime":"2027-01-01T00:00:00Z"}"#)
        let receipt = try perform(&register, "print_receipt", Self.sale)
        #expect(receipt?["fiscalDate"] == "2027-01-01T00:00:00.000Z")
    }
}

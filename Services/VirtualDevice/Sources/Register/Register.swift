import JSON
import Models

/// A fiscal register. It does what it is told, as often as it is told: that nothing is printed twice is the others'
/// business, and is judged by its memory.
struct Register {
    enum Reaction: Equatable {
        case refused(CommandError)
        /// Nothing has changed.
        case answered(JSON)
        /// It happens when the record is written to the register's memory.
        case recorded(FiscalRecord)
    }

    let device: DeviceID
    var conditions = Conditions()
    private(set) var memory: RegisterMemory

    init(device: DeviceID, memory: RegisterMemory = RegisterMemory()) {
        self.device = device
        self.memory = memory
    }

    mutating func remember(_ record: FiscalRecord) { memory.apply(record) }

    /// What the register does about a command, at a moment of the app's clock.
    func reaction(to order: Order, at now: Timestamp) -> Reaction {
        guard let definition = CommandCatalogue[order.type] else {
            return Self.refuse("E101", "Unknown command: \(order.type.rawValue.prefix(64))")
        }
        if let violation = definition.violations(ofPayload: order.payload, at: "payload").first {
            return Self.refuse("E102", "\(violation.path): \(violation.message)")
        }
        if let answer = question(order.type) { return .answered(answer) }
        if Self.printing.contains(order.type), let refusal = conditions.refusal { return .refused(refusal) }
        if let refusal = objection(order) { return refusal }
        return .recorded(
            FiscalRecord(
                id: order.id, type: order.type, payload: order.payload, at: now,
                data: .object(answer(order, at: now))))
    }

    private static let printing: Set<CommandType> = [
        "print_receipt", "print_reversal_receipt", "void_receipt", "print_duplicate", "non_fiscal_receipt", "x_report",
        "z_report", "cash_in", "cash_out",
    ]

    private static func refuse(_ code: String, _ message: String) -> Reaction {
        .refused(CommandError(code: code, message: message, retryable: false))
    }

    private func objection(_ order: Order) -> Reaction? {
        switch order.type.rawValue {
        case "cash_out" where RegisterMemory.amount(order.payload) > memory.cash:
            Self.refuse("E114", "There is not that much money in the drawer")
        case "print_duplicate" where memory.lastReceipt == nil:
            Self.refuse("E117", "There is no receipt to duplicate")
        case "set_vat_rates" where !Self.hasRoom(for: order.payload["rates"]?.array ?? []):
            Self.refuse(
                "E103", "At most \(Programming.mostRates) rates, of \(Programming.longestRateName) characters each")
        case "set_operator" where order.payload["operatorId"]?.integer ?? 0 > Programming.mostOperators:
            Self.refuse("E104", "There is room for \(Programming.mostOperators) operators")
        default: nil
        }
    }

    private static func hasRoom(for rates: [JSON]) -> Bool {
        rates.count <= Programming.mostRates
            && rates.allSatisfy { $0["name"]?.string?.count ?? 0 <= Programming.longestRateName }
    }

    private func answer(_ order: Order, at now: Timestamp) -> JSONObject {
        switch order.type.rawValue {
        case "print_receipt", "print_reversal_receipt": receipt(order, at: now)
        case "x_report": memory.day.figures
        case "z_report": memory.day.figures.merging(["zNumber": .number(memory.zNumber + 1)])
        case "raw_command": ["data": "06"]
        default: [:]
        }
    }

    private func receipt(_ order: Order, at now: Timestamp) -> JSONObject {
        let number = Self.padded(memory.lastReceiptNumber + 1, 7)
        let date = now + memory.clockOffset
        let fiscalId = "\(fiscalSeries)-\(Self.padded(memory.zNumber + 1, 4))-\(number)"
        return [
            "receiptNumber": .string(number), "fiscalId": .string(fiscalId), "fiscalDate": .string(date.description),
            "fiscalSeries": .string(fiscalSeries),
            "qrCode": .string("https://bon.example/\(fiscalId)?t=\(ReceiptAmounts(payload: order.payload).total)"),
        ]
    }

    static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

import JSON
import Models

/// What a register knows: the sum of its records, so that it is the same again after any restart.
struct RegisterMemory {
    private(set) var commissionedAt: Timestamp?
    private(set) var lastReceiptNumber = 0
    private(set) var zNumber = 0
    private(set) var cash = Money.zero
    private(set) var day = DayTotals()
    private(set) var lastReceipt: FiscalRecord?
    private(set) var clockOffset = Duration.zero
    private(set) var programmed = Programming()
    /// How often each command was carried out: more than once is what must never happen.
    private(set) var prints: [CommandID: Int] = [:]
    private var answers: [CommandID: JSON] = [:]

    /// What the register answered to a command that it carried out.
    func answer(_ id: CommandID) -> JSON? { answers[id] }

    mutating func apply(_ record: FiscalRecord) {
        guard let id = record.id else {
            commissionedAt = commissionedAt ?? record.at
            return
        }
        prints[id, default: 0] += 1
        answers[id] = record.data
        let payload = record.payload
        switch record.type.rawValue {
        case "print_receipt":
            let amounts = ReceiptAmounts(payload: payload)
            day.sell(amounts)
            cash = cash + amounts.cash
            remember(record)
        case "print_reversal_receipt":
            let amounts = ReceiptAmounts(payload: payload)
            day.reverse(amounts)
            cash = cash - amounts.cash
            remember(record)
        case "z_report":
            zNumber += 1
            day = DayTotals()
        case "cash_in": cash = cash + Self.amount(payload)
        case "cash_out": cash = cash - Self.amount(payload)
        case "set_datetime":
            clockOffset = payload["datetime"]?.string.flatMap { Timestamp($0) }.map { $0 - record.at } ?? .zero
        default: programmed.apply(record.type, payload)
        }
    }

    static func amount(_ payload: JSON) -> Money { Money(payload["amount"]?.number?.decimal ?? 0) }

    private mutating func remember(_ record: FiscalRecord) {
        lastReceiptNumber += 1
        lastReceipt = record
    }
}

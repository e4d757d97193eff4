import JSON
import Models

extension Register {
    /// Ten digits that no other register has: it is told apart by its name and the moment of its commissioning.
    var fiscalSeries: String {
        let text = "\(device)@\(memory.commissionedAt?.milliseconds ?? 0)"
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "8" + Self.padded(Int(hash % 1_000_000_000), 9)
    }

    /// The answer to a command that only asks; nil for one that does something.
    func question(_ type: CommandType) -> JSON? {
        switch type.rawValue {
        case "get_cash_amount": ["cashBalance": memory.cash.json, "currency": "RON"]
        case "get_status": status
        case "get_info":
            [
                "manufacturer": "E-BON", "model": "Virtual AMEF", "firmware": "1.0.0",
                "fiscalSeries": .string(fiscalSeries), "serialNumber": .string(device.rawValue), "paperWidth": 48,
            ]
        case "get_last_receipt_info": lastReceipt
        case "get_vat_rates": ["rates": memory.programmed.vatRates]
        case "get_vat_capabilities":
            [
                "maxRates": .number(Programming.mostRates), "maxNameLength": .number(Programming.longestRateName),
                "namesProgrammable": true,
            ]
        case "get_header_footer": ["header": memory.programmed.header, "footer": memory.programmed.footer]
        case "get_header_footer_capabilities":
            ["maxHeaderLines": 10, "maxFooterLines": 10, "maxLineLength": 48, "logo": true]
        case "get_operator_capabilities":
            [
                "maxOperators": .number(Programming.mostOperators), "maxNameLength": 32, "namesProgrammable": true,
                "passwordsProgrammable": true,
            ]
        case "open_drawer", "void_open_receipt": [:]
        default: nil
        }
    }

    private var status: JSON {
        .object(
            conditions.members.merging([
                "receiptOpen": false, "receiptCount": .number(memory.day.receiptCount),
                "zNumber": .number(memory.zNumber),
            ]))
    }

    private var lastReceipt: JSON {
        guard let record = memory.lastReceipt, let data = record.data.object else { return ["receiptNumber": nil] }
        let total = ReceiptAmounts(payload: record.payload).total
        return .object(data.merging(["command": .string(record.type.rawValue), "total": total.json]))
    }
}

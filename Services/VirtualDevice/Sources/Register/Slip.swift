import FoundationEssentials
import JSON
import Models

/// What comes out of the register: lines of 48 columns.
struct Slip: Equatable {
    let lines: [String]

    var text: String { lines.joined(separator: "\n") }

    /// The slip that a record prints on a register that has not taken note of it yet; nil where no paper comes out.
    init?(_ record: FiscalRecord, of register: Register) {
        guard let body = Self.body(record, register.memory) else { return nil }
        let programmed = register.memory.programmed
        let moment = BucharestTime(record.at + register.memory.clockOffset)
        let printed =
            Self.texts(programmed.header).map(Self.centred) + [Self.rule] + body + [Self.rule]
            + [
                Self.spread("DATA: \(moment.date)", "ORA: \(moment.time)"),
                Self.spread("SERIA: \(register.fiscalSeries)", register.device.rawValue),
            ] + Self.texts(programmed.footer).map(Self.centred)
        lines = printed.flatMap(Self.printable)
    }

    private static func body(_ record: FiscalRecord, _ memory: RegisterMemory) -> [String]? {
        let payload = record.payload
        switch record.type.rawValue {
        case "print_receipt", "print_reversal_receipt": return receipt(record, zNumber: memory.zNumber + 1)
        case "x_report": return [centred("RAPORT X")] + report(record.data)
        case "z_report":
            let number = Register.padded(memory.zNumber + 1, 4)
            return [centred("RAPORT Z"), spread("RAPORT Z NR.", number)] + report(record.data)
        case "cash_in", "cash_out":
            let title = record.type == "cash_in" ? "SUME INTRODUSE LEI" : "SUME EXTRASE LEI"
            return [spread(title, number(RegisterMemory.amount(payload).amount, places: 2))]
                + [payload["reason"]?.string].compactMap { $0 }
        case "non_fiscal_receipt":
            return [centred("BON NEFISCAL")] + [payload["header"]?.string].compactMap { $0 }.map(centred)
                + texts(payload["lines"] ?? [])
        case "void_receipt": return [centred("ANULARE BON"), payload["receiptId"]?.string ?? ""]
        case "print_duplicate":
            guard let last = memory.lastReceipt else { return nil }
            return [centred("DUPLICAT")] + receipt(last, zNumber: memory.zNumber + 1)
        default: return nil
        }
    }

    private static func receipt(_ record: FiscalRecord, zNumber: Int) -> [String] {
        let amounts = ReceiptAmounts(payload: record.payload)
        let isReversal = record.type == "print_reversal_receipt"
        var lines = isReversal ? [centred("BON FISCAL DE STORNARE")] : []
        if isReversal, let original = record.payload["originalReceipt"] {
            let reversed = original["number"].map { $0.string ?? $0.text } ?? ""
            lines.append("BON INIȚIAL: \(reversed) DIN \(original["date"]?.string?.prefix(10) ?? "")")
        }
        for line in amounts.lines { lines += item(line) }
        lines += [rule, spread("TOTAL LEI", number(amounts.total.amount, places: 2))]
        for (rate, part) in amounts.vat.sorted(by: { $0.key > $1.key }) {
            lines.append(spread("TVA \(letter(rate)) \(number(rate))%", number(part.amount.amount, places: 2)))
        }
        let tax = amounts.vat.values.reduce(Money.zero) { $0 + $1.amount }
        lines.append(spread("TOTAL TVA", number(tax.amount, places: 2)))
        lines += amounts.payments.map {
            spread(methods[$0.method] ?? "ALTE METODE", number($0.amount.amount, places: 2))
        }
        lines.append(rule)
        if let buyer = record.payload["customerCif"]?.string { lines.append("CIF CLIENT: \(buyer)") }
        if let name = record.payload["operatorId"] { lines.append("OPERATOR: \(name.string ?? name.text)") }
        let printed = record.data["receiptNumber"]?.string ?? ""
        return lines + [spread("NR. BON: \(printed)", "Z: \(Register.padded(zNumber, 4))"), centred("BON FISCAL")]
    }

    private static func item(_ line: ReceiptAmounts.Line) -> [String] {
        let amount = "\(number(line.amount.amount, places: 2)) \(letter(line.vatRate))"
        let text = [
            line.name, spread("  \(number(line.quantity, places: 3)) x \(number(line.price, places: 2))", amount),
        ]
        guard line.discount > .zero else { return text }
        return text + [spread("  REDUCERE", "-\(number(line.discount.amount, places: 2)) \(letter(line.vatRate))")]
    }

    private static func report(_ figures: JSON) -> [String] {
        let totals = [("VÂNZĂRI LEI", "sales"), ("STORNĂRI LEI", "refunds"), ("NET LEI", "net")].map { title, name in
            spread(title, number(figures["totals"]?[name]?.number?.decimal ?? 0, places: 2))
        }
        let vat = (figures["vatBreakdown"]?.array ?? []).flatMap { part in
            let rate = part["rate"]?.number?.decimal ?? 0
            let title = "\(letter(rate)) \(number(rate))%"
            return [
                spread("BAZĂ \(title)", number(part["base"]?.number?.decimal ?? 0, places: 2)),
                spread("TVA \(title)", number(part["amount"]?.number?.decimal ?? 0, places: 2)),
            ]
        }
        return totals + vat + [spread("BONURI", figures["receiptCount"]?.text ?? "0")]
    }

    private static let methods = ["cash": "NUMERAR", "card": "CARD", "voucher": "TICHETE"]
    private static let letters: [Decimal: String] = [21: "A", 11: "B", 9: "C", 0: "D"]

    private static func letter(_ rate: Decimal) -> String { letters[rate] ?? "E" }

    private static func texts(_ json: JSON) -> [String] { (json.array ?? []).compactMap(\.string) }
}

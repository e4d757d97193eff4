import FoundationEssentials
import JSON
import Models

extension MailContent {
    /// The mail with the figures of a day that was closed. What the register did not say is left out.
    static func zReport(_ day: ClosedDay, subject: MailSubject) -> MailContent {
        let number = day.figures["zNumber"]?.integer.map { " nr. \($0)" } ?? ""
        let totals = [("Vânzări", "sales"), ("Retururi", "refunds"), ("Net", "net")].compactMap { title, name in
            money(day.figures["totals"]?[name]).map { (title, $0) }
        }
        let receipts = day.figures["receiptCount"]?.integer.map { [("Bonuri", RomanianText.count($0))] } ?? []
        let lines = (day.figures["vatBreakdown"]?.array ?? []).map { line in
            [
                line["rate"]?.number?.decimal.map(RomanianText.percent) ?? "–", money(line["base"]) ?? "–",
                money(line["amount"]) ?? "–",
            ]
        }
        let device = subject.device ?? day.deviceId.rawValue
        let sales = totals.first.map { ": \($0.1)" } ?? ""
        return MailPage(
            title: "Raport Z\(number)",
            blocks: [
                .facts(
                    [
                        ("Dispozitiv", subject.device(day.deviceId)), ("Organizație", subject.organization),
                        ("Emis", CivilTime.inBucharest(day.reportedAt)),
                    ] + totals + receipts)
            ] + (lines.isEmpty ? [] : [.table([["Cota TVA", "Bază", "TVA"]] + lines)]),
            reason: subject.reason("rapoartele")
        ).content(subject: "[e-bon] Raport Z\(number) – \(device)\(sales)")
    }

    private static func money(_ value: JSON?) -> String? {
        value?.number?.decimal.flatMap(Money.init(rounding:)).map { RomanianText.money($0) }
    }
}

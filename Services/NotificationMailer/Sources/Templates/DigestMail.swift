import FoundationEssentials
import Models

extension MailContent {
    private static let mostDevices = 30

    /// The mail that sums up a week.
    static func digest(_ digest: Digest, subject: MailSubject) -> MailContent {
        let period = "\(CivilTime.dateInBucharest(digest.from)) – \(CivilTime.dateInBucharest(digest.to - .seconds(1)))"
        let rows = digest.devices.prefix(mostDevices).map { [$0.name.onOneLine] + cells(of: $0.figures) }
        let left = digest.devices.count - rows.count
        return MailPage(
            title: "Săptămâna \(period)",
            blocks: [
                .facts([
                    ("Organizație", subject.organization), ("Bonuri", RomanianText.count(digest.week.receipts)),
                    ("Vânzări", RomanianText.money(digest.week.sales)),
                    ("Retururi și stornări", RomanianText.money(digest.week.returns)),
                    ("Net", RomanianText.money(digest.week.net)),
                    ("Săptămâna anterioară", comparison(digest.week.net, digest.weekBefore.net)),
                ]),
                rows.isEmpty
                    ? .paragraph("Nu a fost emis niciun bon.")
                    : .table([["Dispozitiv", "Bonuri", "Vânzări", "Retururi"]] + rows),
            ] + (left > 0 ? [.paragraph("Alte dispozitive cu bonuri: \(left).")] : []),
            reason: subject.reason("rezumatele săptămânale ale")
        ).content(subject: "[e-bon] Săptămâna \(period): \(RomanianText.money(digest.week.net))")
    }

    private static func cells(of figures: Digest.Figures) -> [String] {
        [
            RomanianText.count(figures.receipts), RomanianText.money(figures.sales),
            RomanianText.money(figures.returns),
        ]
    }

    /// `1.000,00 RON (+12,3 %)`
    private static func comparison(_ now: Money, _ before: Money) -> String {
        guard before > .zero else { return RomanianText.money(before) }
        // In percent with two places, which is what money is rounded to, too.
        let change = Money((now.amount - before.amount) * 100 / before.amount).amount
        return "\(RomanianText.money(before)) (\(change > 0 ? "+" : "")\(RomanianText.percent(change)))"
    }
}

import Models

extension MailContent {
    static func planChanged(_ change: PlanChanged, subject: MailSubject) -> MailContent {
        let limit =
            change.plan.deviceLimit.map { "Se pot adăuga dispozitive până la \($0)." }
            ?? "Numărul dispozitivelor nu este limitat."
        return billing(
            "Planul organizației s-a schimbat: \(name(change.plan))",
            [("Plan anterior", name(change.previous)), ("Plan nou", name(change.plan))],
            [.paragraph("\(limit) Dispozitivele existente funcționează mai departe.")], subject)
    }

    static func paymentFailed(_ failure: PaymentFailed, subject: MailSubject) -> MailContent {
        let next = failure.nextAttemptAt.map { [("Următoarea încercare", CivilTime.inBucharest($0))] } ?? []
        return billing(
            "Plata abonamentului nu a reușit", facts(of: failure.invoice) + next,
            [
                .advice(
                    "Verificați cardul sau plătiți factura. Planul rămâne neschimbat \(PaymentFailed.graceDays) zile; apoi organizația trece la "
                        + "planul \(name(.free)).")
            ] + link(to: failure.invoice, "Plătește factura"), subject)
    }

    static func paymentActionRequired(_ required: PaymentActionRequired, subject: MailSubject) -> MailContent {
        billing(
            "Plata abonamentului așteaptă confirmarea dumneavoastră", facts(of: required.invoice),
            [.advice("Confirmați plata la banca dumneavoastră.")] + link(to: required.invoice, "Confirmă plata"),
            subject)
    }

    static func trialEnding(_ ending: TrialEnding, subject: MailSubject) -> MailContent {
        let plan = ending.plan.map { [("Plan", name($0))] } ?? []
        let end = ending.endsAt.map { [("Sfârșit", CivilTime.inBucharest($0))] } ?? []
        return billing(
            "Perioada de probă se apropie de sfârșit", plan + end,
            [
                .paragraph(
                    "După perioada de probă începe abonamentul plătit. Îl puteți anula oricând din portalul e-bon.")
            ],
            subject)
    }

    static func subscriptionEnded(_ end: SubscriptionEnded, subject: MailSubject) -> MailContent {
        billing(
            "Abonamentul s-a încheiat",
            (end.plan.map { [("Plan", name($0))] } ?? []) + [("Încheiat", CivilTime.inBucharest(end.endedAt))],
            [.paragraph("Datele rămân. Un abonament nou se poate începe oricând din portalul e-bon.")], subject)
    }

    private static func billing(
        _ title: String, _ facts: [(name: String, value: String)], _ blocks: [MailPage.Block], _ subject: MailSubject
    ) -> MailContent {
        MailPage(
            title: title, blocks: [.facts([("Organizație", subject.organization)] + facts)] + blocks,
            reason: subject.reason("mesajele despre facturarea")
        ).content(subject: "[e-bon] \(title)")
    }

    private static func name(_ plan: Plan) -> String {
        switch plan {
        case .free: "Free"
        case .pro: "Pro"
        case .enterprise: "Enterprise"
        }
    }

    private static func facts(of invoice: InvoiceNotice) -> [(name: String, value: String)] {
        (invoice.number.map { [("Factură", $0.onOneLine)] } ?? [])
            + [("De plată", RomanianText.money(invoice.amountDue, currency: invoice.currency.onOneLine))]
    }

    /// Only a page that the way to cannot be tampered with.
    private static func link(to invoice: InvoiceNotice, _ action: String) -> [MailPage.Block] {
        guard let url = invoice.url, url.hasPrefix("https://"),
            url.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"<>\"".utf8.contains($0) })
        else { return [] }
        return [.link(address: url, action: action)]
    }
}

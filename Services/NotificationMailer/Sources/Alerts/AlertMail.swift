import Models

extension MailContent {
    /// The mail that tells of a raised alert.
    static func raised(_ alert: Alert, organization: String) -> MailContent {
        let organization = organization.onOneLine
        let deviceName = alert.deviceName.onOneLine
        let wording = AlertWording(of: alert)
        let severity = AlertWording.severity(alert.severity)
        let facts = [
            ("Dispozitiv", "\(deviceName) (\(alert.deviceId))"),
            ("Organizație", organization),
            ("Gravitate", severity),
            ("Constatat", CivilTime.inBucharest(alert.detectedAt)),
        ]
        let reason = "Primiți acest mesaj pentru că sunteți abonat la alertele organizației \(organization) în e-bon."
        return MailContent(
            subject: "[e-bon] \(severity): \(wording.title) – \(deviceName)",
            text: """
                \(wording.title)

                \(facts.map { "\($0): \($1)" }.joined(separator: "\n"))

                Ce este de făcut: \(wording.advice)

                --\u{20}
                \(reason)

                """,
            html: """
                <!DOCTYPE html>
                <html lang="ro">
                <head><meta charset="utf-8"><title>\(escaped(wording.title))</title></head>
                <body style="font-family: sans-serif; color: #1a1a1a">
                <h1 style="font-size: 20px">\(escaped(wording.title))</h1>
                <table cellpadding="4">
                \(facts.map { "<tr><th align=\"left\">\($0)</th><td>\(escaped($1))</td></tr>" }.joined(separator: "\n"))
                </table>
                <p><strong>Ce este de făcut:</strong> \(escaped(wording.advice))</p>
                <p style="font-size: 12px; color: #666666">\(escaped(reason))</p>
                </body>
                </html>

                """)
    }
}

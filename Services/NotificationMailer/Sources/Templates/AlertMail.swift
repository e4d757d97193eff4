import Models

extension MailContent {
    /// The mail that tells of a raised alert.
    static func raised(_ alert: Alert, subject: MailSubject) -> MailContent {
        let wording = AlertWording(of: alert)
        let severity = AlertWording.severity(alert.severity)
        let deviceName = alert.deviceName.onOneLine
        return MailPage(
            title: wording.title,
            blocks: [
                .facts([
                    ("Dispozitiv", "\(deviceName) (\(alert.deviceId))"),
                    ("Organizație", subject.organization),
                    ("Gravitate", severity),
                    ("Constatat", CivilTime.inBucharest(alert.detectedAt)),
                ]), .advice(wording.advice),
            ], reason: subject.reason("alertele")
        ).content(subject: "[e-bon] \(severity): \(wording.title) – \(deviceName)")
    }

    /// The mail that follows it when the condition has passed.
    static func cleared(_ alert: Alert, subject: MailSubject) -> MailContent {
        let wording = AlertWording(of: alert)
        let deviceName = alert.deviceName.onOneLine
        return MailPage(
            title: "Rezolvat: \(wording.title)",
            blocks: [
                .facts([
                    ("Dispozitiv", "\(deviceName) (\(alert.deviceId))"),
                    ("Organizație", subject.organization),
                    ("Constatat", CivilTime.inBucharest(alert.detectedAt)),
                    ("Încheiat", CivilTime.inBucharest(subject.date)),
                ]), .paragraph("Alerta s-a încheiat. Nu mai este nimic de făcut."),
            ], reason: subject.reason("alertele")
        ).content(subject: "[e-bon] Rezolvat: \(wording.title) – \(deviceName)")
    }
}

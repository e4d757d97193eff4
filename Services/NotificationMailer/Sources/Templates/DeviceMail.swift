import Models

extension MailContent {
    /// The mail that tells of a device that has not been there for a while.
    static func offline(_ change: DeviceStatusChanged, subject: MailSubject) -> MailContent {
        let minutes = Int(DeviceNotices.patience / .seconds(60))
        return MailPage(
            title: "Casa de marcat este deconectată de peste \(minutes) minute",
            blocks: [
                .facts([
                    ("Dispozitiv", subject.device(change.deviceId)), ("Organizație", subject.organization),
                    ("Deconectată", CivilTime.inBucharest(change.timestamp)),
                ]),
                .advice(
                    "Verificați alimentarea, rețeaua și telefonul cu aplicația e-bon. Veți primi un mesaj când casa de "
                        + "marcat se reconectează."),
            ], reason: subject.reason("evenimentele dispozitivelor")
        ).content(subject: "[e-bon] Deconectată: \(subject.device ?? change.deviceId.rawValue)")
    }

    /// The mail that follows it when the device is there again.
    static func back(_ sequel: Sequel<DeviceStatusChanged>, subject: MailSubject) -> MailContent {
        let deviceId = sequel.cleared.deviceId
        return MailPage(
            title: "Casa de marcat este din nou conectată",
            blocks: [
                .facts([
                    ("Dispozitiv", subject.device(deviceId)), ("Organizație", subject.organization),
                    ("Deconectată", CivilTime.inBucharest(sequel.raised.timestamp)),
                    ("Reconectată", CivilTime.inBucharest(sequel.cleared.timestamp)),
                ]), .paragraph("Nu mai este nimic de făcut."),
            ], reason: subject.reason("evenimentele dispozitivelor")
        ).content(subject: "[e-bon] Din nou conectată: \(subject.device ?? deviceId.rawValue)")
    }

    /// The mail that tells of a register that says that it does not work.
    static func faulty(_ flags: DeviceFlagsReported, subject: MailSubject) -> MailContent {
        MailPage(
            title: "Casa de marcat semnalează o defecțiune",
            blocks: [
                .facts([
                    ("Dispozitiv", subject.device(flags.deviceId)), ("Organizație", subject.organization),
                    ("Defecțiune", fault(of: flags)), ("Semnalată", CivilTime.inBucharest(flags.timestamp)),
                ]),
                .advice("Verificați casa de marcat. Dacă defecțiunea rămâne, chemați un service autorizat."),
            ], reason: subject.reason("evenimentele dispozitivelor")
        ).content(subject: "[e-bon] Defecțiune: \(subject.device ?? flags.deviceId.rawValue)")
    }

    /// The mail that follows it when the fault is gone.
    static func recovered(_ sequel: Sequel<DeviceFlagsReported>, subject: MailSubject) -> MailContent {
        let deviceId = sequel.cleared.deviceId
        return MailPage(
            title: "Casa de marcat nu mai semnalează nicio defecțiune",
            blocks: [
                .facts([
                    ("Dispozitiv", subject.device(deviceId)), ("Organizație", subject.organization),
                    ("Defecțiune", fault(of: sequel.raised)),
                    ("Semnalată", CivilTime.inBucharest(sequel.raised.timestamp)),
                    ("Încheiată", CivilTime.inBucharest(sequel.cleared.timestamp)),
                ]), .paragraph("Nu mai este nimic de făcut."),
            ], reason: subject.reason("evenimentele dispozitivelor")
        ).content(subject: "[e-bon] Din nou în funcțiune: \(subject.device ?? deviceId.rawValue)")
    }

    /// The register's own words, so many of them as a mail can bear.
    private static func fault(of flags: DeviceFlagsReported) -> String {
        String((flags.fault ?? "").onOneLine.prefix(200))
    }
}

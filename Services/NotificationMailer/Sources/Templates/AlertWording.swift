import Models

/// An alert in the reader's language: what is the matter, and what to do about it.
struct AlertWording: Sendable {
    let title: String
    let advice: String

    /// An alert that has no words here is mailed with its own message.
    init(of alert: Alert) {
        self =
            Self.romanian[alert.type]
            ?? AlertWording(
                title: alert.message, advice: "Deschideți dispozitivul în portalul e-bon pentru detalii.")
    }

    private init(title: String, advice: String) {
        self.title = title
        self.advice = advice
    }

    private static let romanian: [AlertType: AlertWording] = [
        "paper_low": AlertWording(
            title: "Hârtia este pe terminate",
            advice: "Puneți o rolă nouă în casa de marcat înainte ca hârtia să se termine în mijlocul unui bon."),
        "cover_open": AlertWording(
            title: "Capacul este deschis",
            advice: "Închideți capacul imprimantei: cât este deschis, casa de marcat nu poate tipări bonuri."),
        "fiscal_memory_almost_full": AlertWording(
            title: "Memoria fiscală este aproape plină",
            advice: "Programați la un service autorizat înlocuirea memoriei fiscale: după ce se umple, casa de marcat "
                + "nu mai emite bonuri."),
        "z_report_overdue": AlertWording(
            title: "Raportul Z nu a fost emis de peste 24 de ore",
            advice: "Emiteți raportul Z din aplicația e-bon sau din portal."),
        "disconnected": AlertWording(
            title: "Casa de marcat este deconectată de peste o oră",
            advice: "Verificați alimentarea, rețeaua și telefonul cu aplicația e-bon. Alerta dispare de la sine când "
                + "casa de marcat se reconectează."),
    ]

    static func severity(_ severity: AlertSeverity) -> String {
        switch severity {
        case .error: "Eroare"
        case .warning: "Avertizare"
        case .info: "Informare"
        }
    }
}

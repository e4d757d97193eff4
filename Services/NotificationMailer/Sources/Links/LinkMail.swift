import Models

extension MailContent {
    /// The mail that carries an invitation.
    static func invitation(_ invitation: InvitationIssued, organization: String, portal: PortalLinks) -> MailContent {
        let organization = organization.onOneLine
        let inviter = invitation.invitedBy.map { "\($0.onOneLine) vă invită" } ?? "Sunteți invitat(ă)"
        return link(
            LinkWording(
                subject: "[e-bon] Invitație în organizația \(organization)",
                title: "Invitație în organizația \(organization)",
                request: "\(inviter) să lucrați în e-bon cu organizația \(organization), ca \(role(invitation.role)). "
                    + "Alegeți o parolă cu linkul de mai jos și contul este gata.",
                action: "Acceptă invitația",
                otherwise:
                    "Dacă nu cunoașteți această organizație, ignorați mesajul: fără acceptul dumneavoastră nu se "
                    + "întâmplă nimic."),
            to: portal.invitation(invitation.linkId), until: invitation.expiresAt)
    }

    /// The mail that lets a member choose a new password.
    static func passwordReset(_ reset: PasswordResetRequested, portal: PortalLinks) -> MailContent {
        link(
            LinkWording(
                subject: "[e-bon] Resetarea parolei",
                title: "Resetarea parolei",
                request:
                    "Cineva a cerut o parolă nouă pentru contul e-bon cu această adresă. Alegeți parola cu linkul de "
                    + "mai jos; toate sesiunile deschise se vor închide.",
                action: "Alege o parolă nouă",
                otherwise: "Dacă nu ați cerut dumneavoastră acest lucru, ignorați mesajul: parola rămâne cea de acum."),
            to: portal.passwordReset(reset.linkId), until: reset.expiresAt)
    }

    private static func link(_ wording: LinkWording, to address: String, until expiry: Timestamp) -> MailContent {
        let validity = "Linkul se poate folosi o singură dată, până la \(CivilTime.inBucharest(expiry))."
        return MailPage(
            title: wording.title,
            blocks: [
                .paragraph(wording.request), .link(address: address, action: wording.action), .paragraph(validity),
            ], reason: wording.otherwise
        ).content(subject: wording.subject, isSubscription: false)
    }

    private static func role(_ role: Role) -> String {
        switch role {
        case .owner: "proprietar"
        case .admin: "administrator"
        case .operator: "operator"
        }
    }
}

/// What a mail around a link says.
private struct LinkWording {
    let subject: String
    let title: String
    let request: String
    let action: String
    let otherwise: String
}

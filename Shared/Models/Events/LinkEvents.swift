/// Somebody is invited to become a member; of the link only its id, which opens nothing.
package struct InvitationIssued: EventData, Equatable {
    /// `org.invitation_issued`.
    package static let type: EventType = "org.invitation_issued"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// The invitation, `inv_…`; issuing it again makes a new link and ends the old one.
    package let invitationId: String
    /// The link, `lnk_…`.
    package let linkId: String
    /// Whom the mail goes to.
    package let email: String
    /// What they will be.
    package let role: Role
    /// The name or address of the member who invites; nil when they are gone.
    package let invitedBy: String?
    /// Until when the link is good.
    package let expiresAt: Timestamp

    /// All members.
    package init(
        invitationId: String, linkId: String, email: String, role: Role, invitedBy: String?, expiresAt: Timestamp
    ) {
        self.invitationId = invitationId
        self.linkId = linkId
        self.email = email
        self.role = role
        self.invitedBy = invitedBy
        self.expiresAt = expiresAt
    }

    /// An operator.
    package static var example: InvitationIssued {
        InvitationIssued(
            invitationId: "inv_1", linkId: "lnk_1", email: "ion@acme.example", role: .operator,
            invitedBy: "owner@acme.example", expiresAt: "2026-05-03T15:30:12.345Z")
    }
}

/// A member wants to choose a new password; of the link only its id, which opens nothing.
package struct PasswordResetRequested: EventData, Equatable {
    /// `org.password_reset_requested`.
    package static let type: EventType = "org.password_reset_requested"
    /// Stays between the services.
    package static let scope: Scope? = nil

    /// The link, `lnk_…`.
    package let linkId: String
    /// Whom the mail goes to.
    package let email: String
    /// Until when the link is good.
    package let expiresAt: Timestamp

    /// All members.
    package init(linkId: String, email: String, expiresAt: Timestamp) {
        self.linkId = linkId
        self.email = email
        self.expiresAt = expiresAt
    }

    /// An owner's.
    package static var example: PasswordResetRequested {
        PasswordResetRequested(linkId: "lnk_1", email: "owner@acme.example", expiresAt: "2026-04-26T16:30:12.345Z")
    }
}

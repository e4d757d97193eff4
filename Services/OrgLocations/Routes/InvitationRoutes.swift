import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let inviteMember = Endpoint<NewMember, Member>(
        "members.invite", .orgLocations, .post, "/api/v1/org/members",
        summary: "Invites somebody to become a member, by mail",
        notes: """
            The mailed link is good once, for seven days. Inviting an address again mails a new link and ends the old \
            one; one address gets ten such mails in an hour at most, the next one when the hour is over. Only an owner \
            may invite an owner.
            """, access: .administrator, body: NewMember.schema,
        success: .created(Member.schema).showing(["status": "invited", "displayName": nil]),
        errors: [.ownersOnly, .knownEmail, .invitationLimit(200)])

    package static let acceptInvitation = Endpoint<Acceptance, Membership>(
        "auth.accept-invitation", .orgLocations, .post, "/api/v1/auth/accept-invitation",
        summary: "Makes who holds a mailed invitation a member, and opens a portal session",
        notes: "`token` stands in the link behind `#token=`. One that is wrong, used, replaced or expired is a 400.",
        access: .open, buckets: [.auth], body: Acceptance.schema, success: .created(Membership.schema),
        errors: [.deadLink, .knownEmail, .tooManyLogins])
}

package struct NewMember: Decodable, Sendable {
    package let email: String
    package let role: Role

    static let schema = Schema.object([
        .required("email", .string(.email)), .required("role", .oneOf(Role.self)),
    ]).named("NewMember").illustrated(by: ["email": "ops@acme.example", "role": "operator"])
}

package struct Acceptance: Decodable, Sendable {
    package let token: String
    package let password: String
    package let displayName: String?

    static let schema = Schema.object([
        .required("token", .linkToken), .required("password", .newPassword),
        .optional("displayName", .string(1...255)),
    ]).named("Acceptance").illustrated(by: [
        "token": "Zm9yZ2V0LW1lLW5vdA", "password": "correct horse battery", "displayName": "Maria Pop",
    ])
}

extension Schema {
    /// What a mailed link carries.
    static let linkToken = Schema.string(1...256)
}

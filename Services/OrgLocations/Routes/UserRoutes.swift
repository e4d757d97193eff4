import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let profile = Endpoint<NoInput, Profile>(
        "users.me.get", .orgLocations, .get, "/api/v1/users/me", summary: "The caller's own profile", access: .user,
        success: .ok(Profile.schema))

    package static let updateProfile = Endpoint<ProfileChange, Profile>(
        "users.me.update", .orgLocations, .patch, "/api/v1/users/me", summary: "Changes the caller's own profile",
        access: .user, body: ProfileChange.schema, success: .ok(Profile.schema))

    package static let changePassword = Endpoint<PasswordChange, NoOutput>(
        "users.me.password", .orgLocations, .post, "/api/v1/users/me/password",
        summary: "Changes the caller's own password; ends the other sessions and open links to reset it",
        notes: """
            A wrong current password is a wrong field of the body, 400 naming `body.currentPassword`; not 401, because \
            the session goes on. Too many wrong ones are answered with 429, as at the login.
            """,
        access: .user, body: PasswordChange.schema, success: .noContent)
}

/// A member as they see themselves.
package struct Profile: Encodable, Sendable {
    package let uid: UserID
    package let email: String
    package let displayName: String?
    package let phoneNumber: String?
    package let role: Role
    package let createdAt: Timestamp

    package init(
        uid: UserID, email: String, displayName: String?, phoneNumber: String?, role: Role, createdAt: Timestamp
    ) {
        self.uid = uid
        self.email = email
        self.displayName = displayName
        self.phoneNumber = phoneNumber
        self.role = role
        self.createdAt = createdAt
    }

    private enum CodingKeys: String, CodingKey { case uid, email, displayName, phoneNumber, role, createdAt }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(uid, forKey: .uid)
        try container.encode(email, forKey: .email)
        try container.encode(displayName, forKey: .displayName)
        try container.encode(phoneNumber, forKey: .phoneNumber)
        try container.encode(role, forKey: .role)
        try container.encode(createdAt, forKey: .createdAt)
    }

    static let schema = Schema.object([
        .required("uid", UserID.schema), .required("email", .string), .required("displayName", Schema.string.orNull),
        .required("phoneNumber", Schema.string.orNull), .required("role", .oneOf(Role.self)),
        .required("createdAt", Timestamp.schema),
    ]).named("Profile").illustrated(by: [
        "uid": "usr_abc123", "email": "owner@acme.example", "displayName": "Maria Pop",
        "phoneNumber": "+40712345678", "role": "owner", "createdAt": "2025-09-01T08:00:00.000Z",
    ])
}

/// What members may change of themselves; at least one member is there.
package struct ProfileChange: Codable, Sendable {
    package let displayName: String?
    package let phoneNumber: String?

    static let schema = Schema.object(
        [.optional("displayName", .string(1...255)), .optional("phoneNumber", .string(.telephone))],
        rules: [.atLeastOne(of: ["displayName", "phoneNumber"])]
    ).named("ProfileChange").illustrated(by: ["displayName": "Maria Pop", "phoneNumber": "+40712345678"])
}

package struct PasswordChange: Decodable, Sendable {
    package let currentPassword: String
    package let newPassword: String

    static let schema = Schema.object([
        .required("currentPassword", .string(1...128)), .required("newPassword", .newPassword),
    ]).named("PasswordChange").illustrated(by: [
        "currentPassword": "correct horse battery", "newPassword": "staple that battery",
    ])
}

import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    private static let owners = """
        Only an owner may make, change or remove an owner; the last one stays an owner (409). Invitations that the \
        member has sent and could send no longer are withdrawn.
        """

    package static let listMembers = Endpoint<NoInput, [Member]>(
        "members.list", .orgLocations, .get, "/api/v1/org/members", summary: "Every member, newest first",
        notes: "Invitations that can still be accepted stand among them, with `status` `invited`.",
        access: .administrator, success: .ok(.array(of: Member.schema)))

    package static let updateMember = Endpoint<MemberChange, Member>(
        "members.update", .orgLocations, .patch, "/api/v1/org/members/{memberId}", summary: "Changes a member's role",
        notes: "\(owners) The new role counts within seconds, for sessions that are open too.", access: .administrator,
        body: MemberChange.schema, success: .ok(Member.schema), errors: [.ownersOnly, .noSuchMember, .lastOwner])

    package static let removeMember = Endpoint<NoInput, NoOutput>(
        "members.remove", .orgLocations, .delete, "/api/v1/org/members/{memberId}",
        summary: "Removes a member and ends their sessions, or withdraws an invitation",
        notes: "\(owners) API keys that the member has made stay: they are the organization's.",
        access: .administrator, success: .noContent, errors: [.ownersOnly, .noSuchMember, .lastOwner])
}

/// A member as administrators see them.
package struct Member: Encodable, Sendable {
    package enum Status: String, Encodable, Sendable, CaseIterable {
        case active
        /// Has been mailed an invitation that can still be accepted.
        case invited
    }

    package let id: UserID
    package let email: String
    package let displayName: String?
    package let role: Role
    package let status: Status
    package let createdAt: Timestamp

    package init(
        id: UserID, email: String, displayName: String?, role: Role, status: Status, createdAt: Timestamp
    ) {
        self.id = id
        self.email = email
        self.displayName = displayName
        self.role = role
        self.status = status
        self.createdAt = createdAt
    }

    private enum CodingKeys: String, CodingKey { case id, email, displayName, role, status, createdAt }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(email, forKey: .email)
        try container.encode(displayName, forKey: .displayName)
        try container.encode(role, forKey: .role)
        try container.encode(status, forKey: .status)
        try container.encode(createdAt, forKey: .createdAt)
    }

    static let schema = Schema.object([
        .required("id", UserID.schema), .required("email", .string), .required("displayName", Schema.string.orNull),
        .required("role", .oneOf(Role.self)), .required("status", .oneOf(Status.self)),
        .required("createdAt", Timestamp.schema),
    ]).named("Member").illustrated(by: [
        "id": "usr_abc123", "email": "ops@acme.example", "displayName": "Maria Pop", "role": "admin",
        "status": "active", "createdAt": "2026-04-09T08:10:00.000Z",
    ])
}

package struct MemberChange: Decodable, Sendable {
    package let role: Role

    static let schema = Schema.object([.required("role", .oneOf(Role.self))]).named("MemberChange")
        .illustrated(by: ["role": "admin"])
}

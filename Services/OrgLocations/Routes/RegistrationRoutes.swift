import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let register = Endpoint<NewAccount, Membership>(
        "auth.register", .orgLocations, .post, "/api/v1/auth/register",
        summary: "Makes an organization with its owner, and opens a portal session",
        notes: """
            The organization's id is made from its name. An address becomes its first location. The owner becomes \
            the first notification subscriber, of all categories.
            """, access: .open, buckets: [.auth], body: NewAccount.schema, success: .created(Membership.schema),
        errors: [.knownEmail, .tooManyLogins])
}

package struct NewAccount: Decodable, Sendable {
    package let email: String
    package let password: String
    package let companyName: String
    package let cui: String
    package let address: String?

    static let schema = Schema.object([
        .required("email", .string(.email)), .required("password", .newPassword),
        .required("companyName", .string(1...255)), .required("cui", .string(.fiscalCode)),
        .optional("address", .string(0...500).described("The first location's; empty for none")),
    ]).named("NewAccount").illustrated(by: [
        "email": "owner@acme.example", "password": "correct horse battery", "companyName": "Acme Corp SRL",
        "cui": "RO12345678", "address": "Str. Lipscani 12, București",
    ])
}

/// A session of somebody who has just become a member.
package struct Membership: Codable, Sendable {
    package let accessToken: String
    package let refreshToken: String
    package let userId: UserID
    package let orgId: OrgID

    package init(_ tokens: Tokens, userId: UserID, orgId: OrgID) {
        accessToken = tokens.accessToken
        refreshToken = tokens.refreshToken
        self.userId = userId
        self.orgId = orgId
    }

    static let schema = Schema.object([
        .required("accessToken", .string), .required("refreshToken", .string), .required("userId", UserID.schema),
        .required("orgId", OrgID.schema),
    ]).named("Membership").illustrated(by: [
        "accessToken": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", "refreshToken": "rt_abc123", "userId": "usr_abc123",
        "orgId": "acme_corp",
    ])
}

extension Schema {
    /// A password that somebody chooses.
    static let newPassword = Schema.string(8...128)
}

extension StringFormat {
    /// A CUI; without a check of its last digit, because the reference's own example would not pass it.
    static let fiscalCode = StringFormat(
        pattern: "^(RO)?\\d{2,10}$", expectation: "a fiscal code such as RO12345678"
    ) { text in
        let digits = text.hasPrefix("RO") ? text.utf8.dropFirst(2) : text.utf8[...]
        return (2...10).contains(digits.count) && digits.allSatisfy(\.isDigit)
    }
}

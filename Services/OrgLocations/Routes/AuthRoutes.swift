import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let login = Endpoint<Login, Tokens>(
        "auth.login", .orgLocations, .post, "/api/v1/auth/login", summary: "Opens a portal session",
        notes: """
            Too many wrong passwords for one account are answered with 429: counted by client, and over all clients \
            together from which the account's owner has never signed in.
            """, access: .open, buckets: [.auth], body: Login.schema, success: .ok(Tokens.schema),
        errors: [.wrongLogin, .tooManyLogins])

    package static let refresh = Endpoint<Refresh, Tokens>(
        "auth.refresh", .orgLocations, .post, "/api/v1/auth/refresh",
        summary: "Exchanges a refresh token, which is valid once; using it again ends the session", access: .open,
        buckets: [.auth], body: Refresh.schema, success: .ok(Tokens.schema), errors: [.wrongRefreshToken])

    package static let logout = Endpoint<NoInput, NoOutput>(
        "auth.logout", .orgLocations, .post, "/api/v1/auth/logout", summary: "Ends this session", access: .user,
        buckets: [.auth], success: .noContent)
}

package struct Login: Decodable, Sendable {
    package let email: String
    package let password: String

    /// No format is asked for: which addresses and passwords could exist is nobody's business before the login.
    static let schema = Schema.object([
        .required("email", .string(1...254)), .required("password", .string(1...128)),
    ]).named("Login").illustrated(by: ["email": "owner@acme.example", "password": "correct horse battery"])
}

package struct Refresh: Decodable, Sendable {
    package let refreshToken: String

    static let schema = Schema.object([.required("refreshToken", .string(1...512))]).named("Refresh").illustrated(by: [
        "refreshToken": "rt_abc123"
    ])
}

import JSON

/// What a successful login or refresh hands out.
package struct Tokens: Codable, Sendable, Hashable {
    /// The JWT to send with requests.
    package let accessToken: String
    /// What buys the next pair, once.
    package let refreshToken: String
    /// How long the access token is valid, in seconds.
    package let expiresIn: Int

    /// All members.
    package init(accessToken: String, refreshToken: String, expiresIn: Int) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expiresIn = expiresIn
    }

    /// What it looks like in JSON.
    package static let schema = Schema.object([
        .required("accessToken", .string), .required("refreshToken", .string), .required("expiresIn", .integer(min: 1)),
    ]).named("Tokens").illustrated(by: [
        "accessToken": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", "refreshToken": "rt_abc123", "expiresIn": 900,
    ])
}

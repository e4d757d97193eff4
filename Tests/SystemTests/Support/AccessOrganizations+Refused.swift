import Crypto
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension AccessOrganizations {
    /// Every way of not being somebody: nothing, the wrong shape, made up, over.
    static func refusedCredentials(
        of home: StackVariables, _ cloud: Cloud, secret jwtSecret: [UInt8]
    ) async throws -> [(name: String, credential: HTTPHeaders)] {
        let key = home.apiKey
        let secret = String(key.suffix(32))
        let owner = "usr_access_owner"
        let tokens = JSONWebTokens.portal(keys: SigningKeys(current: jwtSecret))
        let token = bearer(tokens, user: owner, of: home.organization, session: "ses_owner_0")["Authorization"] ?? ""
        let parts = token.split(separator: ".")
        let strange = JSONWebTokens.portal(keys: SigningKeys(current: Array(repeating: 7, count: 32)))
        let elsewhere = JSONWebTokens(keys: SigningKeys(current: jwtSecret), issuer: "e-bon", audience: "till")
        var refused: [(name: String, credential: HTTPHeaders)] = [
            ("nobody", [:]),
            ("an empty key", ["x-api-key": ""]),
            ("a word", ["x-api-key": "key"]),
            ("a key without its end", ["x-api-key": String(key.dropLast())]),
            ("a key with more than its end", ["x-api-key": key + "0"]),
            ("a key in capitals", ["x-api-key": key.uppercased()]),
            ("a key of another kind", ["x-api-key": key.replacing("live", with: "test")]),
            ("a key of no organization", ["x-api-key": "ebon_live_\(secret)"]),
            ("a key of a made-up organization", ["x-api-key": "ebon_live_nobody_\(secret)"]),
            ("a made-up key", ["x-api-key": String(key.dropLast(32)) + String(repeating: "0", count: 32)]),
            ("a long key", ["x-api-key": "ebon_live_\(String(repeating: "a", count: 5000))_\(secret)"]),
            ("a bad key beside a good token", ["x-api-key": "key", "Authorization": token]),
            ("no scheme", ["Authorization": key]),
            ("another scheme", ["Authorization": "Basic YTpi"]),
            ("a scheme alone", ["Authorization": "Bearer"]),
            ("a bearer of nothing", ["Authorization": "Bearer ..  "]),
            (
                "a made-up bearer key",
                ["Authorization": "Bearer ebon_live_acme_corp_\(String(repeating: "0", count: 32))"]
            ),
            ("an unsigned token", ["Authorization": "Bearer eyJhbGciOiJub25lIn0.\(parts[1])."]),
            ("a token without signature", ["Authorization": "\(parts[0]).\(parts[1])."]),
            (
                "an expired token",
                bearer(tokens, user: owner, of: home.organization, session: "ses_owner_0", lifetime: -1)
            ),
            ("a token of a strange key", bearer(strange, user: owner, of: home.organization, session: "ses_owner_0")),
            (
                "a token for somebody else",
                bearer(elsewhere, user: owner, of: home.organization, session: "ses_owner_0")
            ),
            ("a token of no session", bearer(tokens, user: owner, of: home.organization, session: "ses_none")),
            (
                "a token of another's session",
                bearer(tokens, user: owner, of: home.organization, session: "ses_admin_0")
            ),
            ("a token of another organization", bearer(tokens, user: owner, of: "acme_corp", session: "ses_owner_0")),
        ]
        let administrator = bearer(tokens, user: owner, of: home.organization, session: "ses_owner_0")
        let revoked = try await makeKey("revoked", administrator, cloud)
        _ = try await cloud.send(.delete, "/api/v1/org/api-keys/\(revoked.id)", headers: administrator)
        refused.append(("a revoked key", revoked.credential))
        let inactive = try await makeKey("inactive", administrator, cloud)
        _ = try await cloud.send(
            .patch, "/api/v1/org/api-keys/\(inactive.id)", headers: administrator,
            body: Array(#"{"active":false}"#.utf8))
        refused.append(("an inactive key", inactive.credential))
        return refused
    }

    /// A new key of every scope that has been used once, so that the edge knows it.
    private static func makeKey(
        _ label: String, _ administrator: HTTPHeaders, _ cloud: Cloud
    ) async throws -> (id: String, credential: HTTPHeaders) {
        let made = try await cloud.post(
            "/api/v1/org/api-keys", ["label": .string(label), "scopes": ["all"]], headers: administrator)
        let credential: HTTPHeaders = ["x-api-key": made.json["key"]?.string ?? ""]
        try #require(try await cloud.get("/api/v1/me", headers: credential).status == 200)
        return (made.json["id"]?.string ?? "", credential)
    }
}

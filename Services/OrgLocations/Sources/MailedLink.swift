import Crypto
import Endpoints
import Postgres

/// What mailed links have in common.
enum MailedLink {
    static func newId() -> String { Random.identifier(prefix: "lnk") }

    /// `expires_at` as an event carries it.
    static let expiry = #"to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"#

    /// Links whose time has run out, invitations a month later: until then the list of members may tell of them.
    static let forgetExpired: [BoundStatement] = [
        ("DELETE FROM org.password_resets WHERE expires_at < now()", []),
        ("DELETE FROM org.invitations WHERE expires_at < now() - interval '30 days'", []),
    ]
}

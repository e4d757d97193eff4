import JSON

/// What a Portal session's access token says (RFC 7519).
package struct JSONWebToken: Sendable, Equatable {
    /// `sub`: the user.
    package let subject: String
    /// `orgId`: the user's organization.
    package let organization: String
    /// `role`: the user's role when the token was made.
    package let role: String
    /// `sid`: the session; ending it ends the token.
    package let session: String
    /// `iat` in Unix seconds.
    package let issuedAt: Int64
    /// `exp` in Unix seconds; the token is good before this second, not in it.
    package let expiresAt: Int64

    /// A token's content; signing it is ``JSONWebTokens/sign(_:)``.
    package init(
        subject: String, organization: String, role: String, session: String, issuedAt: Int64, expiresAt: Int64
    ) {
        self.subject = subject
        self.organization = organization
        self.role = role
        self.session = session
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}

/// Issues and verifies the tokens of one issuer for one audience.
package struct JSONWebTokens: Sendable {
    private let keys: SigningKeys
    private let issuer: String
    private let audience: String

    /// Both parties of a token must be made with the same `issuer` and `audience`.
    package init(keys: SigningKeys, issuer: String, audience: String) {
        self.keys = keys
        self.issuer = issuer
        self.audience = audience
    }

    /// The tokens of the Portal's sessions: who issues them and who accepts them must agree.
    package static func portal(keys: SigningKeys) -> JSONWebTokens {
        JSONWebTokens(keys: keys, issuer: "e-bon", audience: "portal")
    }

    /// The compact text of `token`.
    package func sign(_ token: JSONWebToken) -> String {
        let claims: JSON = [
            "iss": .string(issuer), "aud": .string(audience), "sub": .string(token.subject),
            "orgId": .string(token.organization), "role": .string(token.role), "sid": .string(token.session),
            "iat": .number(token.issuedAt), "exp": .number(token.expiresAt),
        ]
        return JSONWebSignature.sign(claims.serialized(), keys: keys)
    }

    /// The content of a token that is genuine, from and for the right party, and good at `now` (Unix seconds): not
    /// expired and, where it says from when on it is good, not before.
    /// - Throws: ``SignatureError``; all of its cases are "unauthorized" to the outside.
    package func verify(_ text: String, now: Int64) throws(SignatureError) -> JSONWebToken {
        let payload = try JSONWebSignature.verify(text, keys: keys)
        guard let claims = try? JSON(parsing: payload, depthLimit: 4), let subject = claims["sub"]?.string,
            let organization = claims["orgId"]?.string, let role = claims["role"]?.string,
            let session = claims["sid"]?.string, let issuedAt = claims["iat"]?.integer,
            let expiresAt = claims["exp"]?.integer, let notBefore = (claims["nbf"] ?? .number(now)).integer
        else { throw .malformed }
        guard claims["iss"]?.string == issuer, claims["aud"]?.string == audience else { throw .wrongParty }
        guard now < expiresAt else { throw .expired }
        guard notBefore <= now else { throw .notYetValid }
        return JSONWebToken(
            subject: subject, organization: organization, role: role, session: session, issuedAt: issuedAt,
            expiresAt: expiresAt)
    }
}

import Crypto
import JSON
import Testing

@Suite("JSON web tokens") struct JSONWebTokenTests {
    private static let keys = SigningKeys(current: [UInt8](repeating: 7, count: 32))
    private static let tokens = JSONWebTokens(keys: keys, issuer: "e-bon", audience: "portal")
    private static let token = JSONWebToken(
        subject: "usr_1", organization: "acme_corp", role: "owner", session: "s1", issuedAt: 100, expiresAt: 1000)

    @Test("the example of RFC 7515, appendix A.1, verifies with its key, header whitespace and all")
    func example() throws {
        let key = try #require(
            Base64URL.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let text =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let payload = try JSONWebSignature.verify(text, keys: SigningKeys(current: key))
        #expect(
            String(decoding: payload, as: UTF8.self)
                == "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}")
    }

    @Test("a token comes back until the second of its expiry")
    func verifies() throws {
        let text = Self.tokens.sign(Self.token)
        #expect(try Self.tokens.verify(text, now: 999) == Self.token)
        #expect(throws: SignatureError.expired) { try Self.tokens.verify(text, now: 1000) }
    }

    @Test("a token that says from when on it is good is refused before")
    func notBefore() throws {
        func verify(_ notBefore: JSON, now: Int64) throws -> JSONWebToken {
            let claims: JSON = [
                "iss": "e-bon", "aud": "portal", "sub": "usr_1", "orgId": "acme_corp", "role": "owner", "sid": "s1",
                "iat": 100, "exp": 1000, "nbf": notBefore,
            ]
            return try Self.tokens.verify(JSONWebSignature.sign(claims.serialized(), keys: Self.keys), now: now)
        }
        #expect(try verify(500, now: 500) == Self.token)
        #expect(throws: SignatureError.notYetValid) { try verify(500, now: 499) }
        #expect(throws: SignatureError.malformed) { try verify("500", now: 500) }
    }

    @Test("a change of any single character is refused")
    func tampering() {
        let text = Array(Self.tokens.sign(Self.token).utf8)
        for index in text.indices {
            var changed = text
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: SignatureError.self) {
                try Self.tokens.verify(String(decoding: changed, as: UTF8.self), now: 0)
            }
        }
    }

    @Test(
        "any header but HS256's is refused, even with a signature that would fit",
        arguments: [
            #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":"hs256"}"#, #"{"alg":"HS384"}"#, #"{"alg":"RS256"}"#,
            #"{"alg":["HS256"]}"#, #"{"alg":null}"#, "{}", "[]", "", "HS256", #"{"alg":"HS256","crit":["exp"]}"#,
            #"{"alg":"HS256","alg":"none"}"#, #"{"alg":"none","alg":"HS256"}"#,
        ])
    func otherAlgorithms(header: String) {
        let payload = Self.tokens.sign(Self.token).split(separator: ".")[1]
        let signed = "\(Base64URL.encode(Array(header.utf8))).\(payload)"
        let key = [UInt8](repeating: 7, count: 32)
        let signature = Base64URL.encode(HMACSHA256.authenticate(Array(signed.utf8), key: key))
        #expect(throws: SignatureError.malformed) { try Self.tokens.verify("\(signed).\(signature)", now: 0) }
        #expect(throws: SignatureError.malformed) { try Self.tokens.verify("\(signed).", now: 0) }
    }

    @Test("a token of another issuer, audience or key is refused")
    func otherParties() {
        let text = Self.tokens.sign(Self.token)
        let others: [(JSONWebTokens, SignatureError)] = [
            (JSONWebTokens(keys: Self.keys, issuer: "other", audience: "portal"), .wrongParty),
            (JSONWebTokens(keys: Self.keys, issuer: "e-bon", audience: "other"), .wrongParty),
            (
                JSONWebTokens(keys: SigningKeys(current: [1]), issuer: "e-bon", audience: "portal"), .invalidSignature
            ),
        ]
        for (other, error) in others { #expect(throws: error) { try other.verify(text, now: 0) } }
    }

    @Test(
        "claims that are missing or of another type are refused",
        arguments: ["sub", "orgId", "role", "sid", "iat", "exp", "iss", "aud"], [JSON.null, [], "1000", true])
    func wrongClaims(name: String, value: JSON) {
        var claims: JSONObject = [
            "iss": "e-bon", "aud": "portal", "sub": "usr_1", "orgId": "acme_corp", "role": "owner", "sid": "s1",
            "iat": 100, "exp": 1000,
        ]
        if claims[name]?.string != nil, value.string != nil { return }
        claims[name] = value
        let text = JSONWebSignature.sign(JSON.object(claims).serialized(), keys: Self.keys)
        #expect(throws: SignatureError.self) { try Self.tokens.verify(text, now: 0) }
    }

    @Test("text of another form is refused", arguments: ["", ".", "..", "...", "a.b.c", "Bearer a.b.c"])
    func malformed(text: String) {
        #expect(throws: SignatureError.malformed) { try Self.tokens.verify(text, now: 0) }
    }
}

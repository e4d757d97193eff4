import Crypto
import EventLoop
import HTTP
import JSON
import Models
import TestSupport
import Testing

@testable import EdgeRouter

@Suite("An access token", .timeLimit(.minutes(1))) @Loop struct TokenAttackTests {
    private static let key = [UInt8](repeating: 1, count: 32)

    private static func token(
        _ claims: JSONObject, header: String = #"{"alg":"HS256","typ":"JWT"}"#, key: [UInt8] = key
    ) -> String {
        let signed = [Array(header.utf8), JSON.object(claims).serialized()].map(Base64URL.encode)
            .joined(separator: ".")
        return "\(signed).\(Base64URL.encode(HMACSHA256.authenticate(Array(signed.utf8), key: key)))"
    }

    private static func claims(_ changes: JSONObject = [:]) -> JSONObject {
        let now = Timestamp.now().milliseconds / 1000
        var claims: JSONObject = [
            "iss": "e-bon", "aud": "portal", "sub": "usr_1", "orgId": "acme_corp", "role": "owner", "sid": "ses_1",
            "iat": .number(now), "exp": .number(now + 900),
        ]
        for member in changes.members { claims[member.name] = member.value }
        return claims
    }

    @Test("that is forged, outdated or meant for others is 401, and nobody is even asked about it")
    func attacks() async throws {
        try await EdgeFixture.run { fixture in
            _ = fixture.addSession(.owner)
            let genuine = Self.token(Self.claims())
            let parts = genuine.split(separator: ".").map(String.init)
            let none = Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
            let raised = Base64URL.encode(JSON.object(Self.claims(["orgId": "rival"])).serialized())
            let attacks: [String: String] = [
                "none, unsigned": "\(none).\(parts[1]).", "none, signed": "\(none).\(parts[1]).\(parts[2])",
                "another algorithm": Self.token(Self.claims(), header: #"{"alg":"HS512"}"#),
                "a public key's algorithm": Self.token(Self.claims(), header: #"{"alg":"RS256"}"#),
                "a key of its own": Self.token(Self.claims(), header: #"{"alg":"HS256","jwk":{"k":"AA"}}"#, key: [0]),
                "critical extension": Self.token(Self.claims(), header: #"{"alg":"HS256","crit":["b64"],"b64":false}"#),
                "changed claims": "\(parts[0]).\(raised).\(parts[2])", "no signature": "\(parts[0]).\(parts[1]).",
                "another key": Self.token(Self.claims(), key: [UInt8](repeating: 3, count: 32)),
                "expired": Self.token(Self.claims(["exp": 1])),
                "never expires": Self.token(Self.claims(["exp": .null])),
                "another audience": Self.token(Self.claims(["aud": "device"])),
                "several audiences": Self.token(Self.claims(["aud": ["portal", "other"]])),
                "another issuer": Self.token(Self.claims(["iss": "evil"])),
                "huge": "\(parts[0]).\(String(repeating: "A", count: 8000)).\(parts[2])",
                "deep": Self.token(Self.claims(["x": [[[[[[1]]]]]]])),
                "two dots": "..", "padded": "\(genuine)=",
            ]
            for (name, token) in attacks {
                let answer = try await fixture.client.request(
                    .get, "/api/v1/me", headers: ["Authorization": "Bearer \(token)"])
                #expect(answer.status == 401, "\(name)")
                #expect(answer.errorCode == "UNAUTHORIZED", "\(name)")
            }
            #expect(fixture.questions == 0)
            let answer = try await fixture.client.request(
                .get, "/api/v1/me", headers: ["Authorization": "Bearer \(genuine)"])
            #expect(answer.status == 200)
        }
    }

    @Test("counts for what its session is, whatever else it claims")
    func claims() async throws {
        try await EdgeFixture.run { fixture in
            let operatorsToken = fixture.addSession(.operator)
            func members(_ token: String) async throws -> HTTPStatus {
                try await fixture.client.request(
                    .post, "/api/v1/members",
                    headers: ["Authorization": "Bearer \(token)", "Content-Type": "application/json"],
                    body: Array("{}".utf8)
                ).status
            }
            let genuine = try await members(operatorsToken)
            #expect(genuine == 403)
            #expect(try await members(Self.token(Self.claims(["role": "owner"]))) == 403)
            #expect(try await members(Self.token(Self.claims(["sub": "usr_2"]))) == 401)
            #expect(try await members(Self.token(Self.claims(["orgId": "rival"]))) == 401)
            #expect(try await members(Self.token(Self.claims(["sid": "ses_2"]))) == 401)
        }
    }

    @Test("that is known and fresh costs no question, however often it is used; a key neither")
    func known() async throws {
        try await EdgeFixture.run { fixture in
            let headers: [HTTPHeaders] = [
                ["Authorization": "Bearer \(fixture.addSession(.owner))"],
                ["x-api-key": fixture.addKey(scopes: [.all])],
            ]
            for fields in headers {
                let first = try await fixture.client.request(.get, "/api/v1/me", headers: fields)
                #expect(first.status == 200)
            }
            let began = Loop.now
            for _ in 0..<50 {
                for fields in headers {
                    #expect(try await fixture.client.request(.get, "/api/v1/me", headers: fields).status == 200)
                }
            }
            // From three seconds on what is in use is asked for again, before it is needed.
            #expect(fixture.questions <= 2 + 2 * Int((Loop.now - began).milliseconds / 3000))
        }
    }
}

import Crypto
import Models
import Testing

@testable import BillingWebhooks

@Suite("A Stripe signature") struct StripeSignatureTests {
    private static let body = Array(#"{"id":"evt_1"}"#.utf8)
    private static let current = Array("whsec_current".utf8)
    private static let previous = Array("whsec_previous".utf8)
    private static let now = Timestamp(milliseconds: 1_750_000_000_500)
    private static let good = signature("1750000000", current)

    private static func signature(_ time: String, _ secret: [UInt8], _ body: [UInt8] = body) -> String {
        Hex.encode(HMACSHA256.authenticate(Array("\(time).".utf8) + body, key: secret))
    }

    @Test(
        "is accepted",
        arguments: [
            ("one v1", "t=1750000000,v1=\(good)"),
            ("any of several v1", "t=1750000000,v1=\(String(repeating: "0", count: 64)),v1=\(good)"),
            ("whatever the order", "v1=\(good),t=1750000000"),
            ("in capital digits", "t=1750000000,v1=\(good.uppercased())"),
            ("beside schemes that are not ours", "t=1750000000,v0=abc,v1=\(good),v2=zz"),
            ("beside a v1 that is no hexadecimal", "t=1750000000,v1=zz,v1=\(good)"),
            ("made with the secret that is rotated out", "t=1750000000,v1=\(signature("1750000000", previous))"),
            ("300 s old", "t=1749999701,v1=\(signature("1749999701", current))"),
            ("300 s ahead", "t=1750000300,v1=\(signature("1750000300", current))"),
        ])
    func accepted(_ what: String, _ header: String) {
        #expect(refusal(header) == nil)
    }

    @Test(
        "is refused",
        arguments: [
            ("without a header", nil, .missing),
            ("empty", "", .malformed),
            ("no pairs", "hello", .malformed),
            ("without a time", "v1=\(good)", .malformed),
            ("with two times", "t=1750000000,t=1750000000,v1=\(good)", .malformed),
            ("with a signed time", "t=+1750000000,v1=\(good)", .malformed),
            ("with a time beyond any clock", "t=99999999999999999999,v1=\(good)", .malformed),
            ("with a time that overflows milliseconds", "t=9223372036854775807,v1=\(good)", .malformed),
            (
                "longer than any header of Stripe", "t=1750000000," + String(repeating: "v1=00,", count: 1000),
                .malformed
            ),
            ("v0 only", "t=1750000000,v0=\(good)", .noMatch),
            ("of another body", "t=1750000000,v1=\(signature("1750000000", current, [1]))", .noMatch),
            ("of another time", "t=1750000001,v1=\(good)", .noMatch),
            ("of another secret", "t=1750000000,v1=\(signature("1750000000", [1, 2, 3]))", .noMatch),
            ("half of it", "t=1750000000,v1=\(good.prefix(32))", .noMatch),
            ("too old", "t=1749999700,v1=\(signature("1749999700", current))", .outsideTolerance),
            ("too far ahead", "t=1750000301,v1=\(signature("1750000301", current))", .outsideTolerance),
        ] as [(String, String?, StripeSignature.Refusal)])
    func refused(_ what: String, _ header: String?, _ expected: StripeSignature.Refusal) {
        #expect(refusal(header) == expected)
    }

    private func refusal(_ header: String?) -> StripeSignature.Refusal? {
        do {
            try StripeSignature.verify(
                header: header, body: Self.body, secrets: [Self.current, Self.previous], now: Self.now)
            return nil
        } catch {
            return error
        }
    }
}

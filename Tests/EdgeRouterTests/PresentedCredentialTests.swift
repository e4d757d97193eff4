import Testing

@testable import EdgeRouter

@Suite("The shape of an API key") struct PresentedCredentialTests {
    private static let secret = "0123456789abcdef0123456789abcdef"

    @Test(
        "is the prefix, a slug, and 32 lowercase hex digits",
        arguments: [
            ("ebon_live_acme_\(secret)", true), ("ebon_live_acme_corp_\(secret)", true),
            ("ebon_live_a1_\(secret)", true),
            ("ebon_live__\(secret)", false), ("ebon_live_\(secret)", false), ("ebon_live_acme__corp_\(secret)", false),
            ("ebon_live__acme_\(secret)", false), ("ebon_live_acme__\(secret)", false),
            ("ebon_live_Acme_\(secret)", false),
            ("ebon_live_acme_\(secret)0", false), ("ebon_live_acme_\(secret.dropLast())", false),
            ("ebon_live_acme_\(secret.uppercased())", false), ("ebon_test_acme_\(secret)", false), ("", false),
            ("ebon_live_acme_0123456789abcdef0123456789abcdeg", false), (" ebon_live_acme_\(secret)", false),
            ("ebon_live_ac\u{0}me_\(secret)", false), ("ebon_live_ăcme_\(secret)", false),
            ("ebon_live_\(String(repeating: "a", count: 300))_\(secret)", false),
        ])
    func shape(key: String, fits: Bool) {
        #expect(APIKeyShape.fits(key) == fits)
    }
}

import Crypto
import Testing

@Suite("The token of a mailed link") struct MailedLinksTests {
    private let old = Array(repeating: UInt8(1), count: 32)
    private let new = Array(repeating: UInt8(2), count: 32)
    private var links: MailedLinks { MailedLinks(keys: SigningKeys(current: old)) }

    @Test("leads back to its id, for its purpose only")
    func purpose() {
        let token = links.token(for: "lnk_1", purpose: .invitation)
        #expect(token == links.token(for: "lnk_1", purpose: .invitation))
        #expect(links.id(of: token, purpose: .invitation) == "lnk_1")
        #expect(links.id(of: token, purpose: .passwordReset) == nil)
    }

    @Test("outlives one change of the key, and not a second one")
    func rotation() {
        let token = links.token(for: "lnk_1", purpose: .invitation)
        let rotated = MailedLinks(keys: SigningKeys(current: new, previous: old))
        #expect(rotated.id(of: token, purpose: .invitation) == "lnk_1")
        #expect(rotated.token(for: "lnk_1", purpose: .invitation) != token)
        #expect(MailedLinks(keys: SigningKeys(current: new)).id(of: token, purpose: .invitation) == nil)
    }

    @Test("is refused when anything of it was changed")
    func tampering() {
        let token = links.token(for: "lnk_1", purpose: .invitation)
        let signature = token.split(separator: ".")[1]
        let forged = [
            "", ".", "lnk_1", "lnk_1.", "lnk_2.\(signature)", ".\(signature)", "\(token).", "\(token)=", " \(token)",
            "lnk_1.\(signature.dropLast())", "lnk_1.\(String(repeating: "A", count: 43))",
            "\(String(repeating: "x", count: 100_000)).\(signature)",
        ]
        for text in forged { #expect(links.id(of: text, purpose: .invitation) == nil, "\(text.prefix(60))") }
    }
}

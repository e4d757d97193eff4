import Crypto
import Testing

@Suite("Signed callers") struct SignedCallerTests {
    private static let payload = Array(#"{"orgId":"acme_corp"}"#.utf8)
    private static let current = [UInt8](repeating: 1, count: 32)
    private static let former = [UInt8](repeating: 2, count: 32)
    private static let signer = SignedCaller(keys: SigningKeys(current: current))

    @Test("a signed payload comes back until it expires")
    func verifies() throws {
        let value = Self.signer.sign(Self.payload, expiresAt: 1000)
        #expect(try Self.signer.verify(value, now: 1000) == (Self.payload, 1000))
        #expect(throws: SignatureError.expired) { try Self.signer.verify(value, now: 1001) }
    }

    @Test("during a rotation the previous secret is accepted, and only the current one signs")
    func rotation() throws {
        let old = SignedCaller(keys: SigningKeys(current: Self.former))
        let rotating = SignedCaller(keys: SigningKeys(current: Self.current, previous: Self.former))
        #expect(try rotating.verify(old.sign(Self.payload, expiresAt: 9), now: 1).payload == Self.payload)
        #expect(try Self.signer.verify(rotating.sign(Self.payload, expiresAt: 9), now: 1).payload == Self.payload)
        #expect(throws: SignatureError.invalidSignature) {
            try Self.signer.verify(old.sign(Self.payload, expiresAt: 9), now: 1)
        }
    }

    @Test("a change of any single character is refused")
    func tampering() {
        let value = Array(Self.signer.sign(Self.payload, expiresAt: 1000).utf8)
        for index in value.indices {
            var changed = value
            changed[index] = changed[index] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
            #expect(throws: SignatureError.self) {
                try Self.signer.verify(String(decoding: changed, as: UTF8.self), now: 0)
            }
        }
    }

    @Test("text of another form is refused", arguments: ["", ".", "..", "...", "a.1", "a.1.", "a.1.AA==", "a.1.A.A"])
    func malformed(value: String) {
        #expect(throws: SignatureError.self) { try Self.signer.verify(value, now: 0) }
    }

    @Test("text of an absurd length is refused before it is decoded")
    func tooLong() {
        let value = Self.signer.sign([UInt8](repeating: 0, count: 10_000), expiresAt: 1000)
        #expect(throws: SignatureError.malformed) { try Self.signer.verify(value, now: 0) }
    }

    @Test("keys do not print")
    func keysAreHidden() {
        let keys = SigningKeys(current: Array("very secret".utf8))
        var dumped = ""
        dump(keys, to: &dumped)
        #expect("\(keys)" == "•••")
        #expect(!dumped.contains("118"))
    }
}

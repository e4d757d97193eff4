import Crypto
import Testing

@Suite("Text encodings") struct EncodingTests {
    @Test(
        "base64 follows the table of RFC 4648, section 10, both ways",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
        let unpadded = encoded.filter { $0 != "=" }
        #expect(Base64URL.encode(Array(text.utf8)) == unpadded)
        #expect(Base64URL.decode(unpadded) == Array(text.utf8))
    }

    @Test("base64url uses the two url-safe characters")
    func alphabets() {
        #expect(Base64.encode([0xfb, 0xff, 0xbf]) == "+/+/")
        #expect(Base64URL.encode([0xfb, 0xff, 0xbf]) == "-_-_")
    }

    @Test(
        "base64 refuses what the encoder would not write",
        arguments: ["Zg=", "Zg", "Z===", "====", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Zg==Zg==", "Z=g=", "-_-_", "é"])
    func notBase64(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(
        "base64url refuses what the encoder would not write", arguments: ["Zg==", "A", "Zh", "Zm9", "+/+/", "Zm9v\n"])
    func notBase64URL(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("hexadecimal is written in lowercase and read in both cases")
    func hex() {
        #expect(Hex.encode([0x00, 0x9a, 0xff]) == "009aff")
        #expect(Hex.decode("009AfF") == [0x00, 0x9a, 0xff])
        #expect(Hex.decode("") == [])
    }

    @Test("hexadecimal refuses odd lengths and other characters", arguments: ["0", "0g", "0x00", " 00", "+1"])
    func notHex(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}

import Crypto
import Testing

@Suite("Randomness") struct RandomTests {
    @Test("an identifier is its prefix and 20 characters that survive URLs and being read aloud")
    func identifier() {
        #expect(Random.identifier(prefix: "cmd").wholeMatch(of: /cmd_[0-9a-hjkmnp-tv-z]{20}/) != nil)
    }

    @Test("a thousand identifiers, tokens and UUIDs are all different")
    func distinct() {
        #expect(Set((0..<1000).map { _ in Random.identifier(prefix: "evt") }).count == 1000)
        #expect(Set((0..<1000).map { _ in Random.token() }).count == 1000)
        #expect(Set((0..<1000).map { _ in Random.uuid() }).count == 1000)
    }

    @Test("a UUID says that it is random")
    func uuid() {
        let form = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        #expect(Random.uuid().wholeMatch(of: form) != nil)
    }
}

import EventLoop
import HTTP
import Testing

@testable import EdgeRouter

@Suite("The request id") @Loop struct RequestIdentifierTests {
    @Test(
        "is the client's if it is 1 to 128 printable ASCII characters",
        arguments: [
            ("abc", true), ("a b~!", true), (String(repeating: "x", count: 128), true), ("", false),
            (String(repeating: "x", count: 129), false), ("ș", false), ("a\tb", false), ("a\u{7f}", false),
        ])
    func given(text: String, isTaken: Bool) {
        #expect(RequestIdentifier.isAcceptable(text) == isTaken)
        #expect((RequestIdentifier.of(["X-Request-Id": text]) == text) == isTaken)
    }

    @Test("is a fresh UUID otherwise")
    func minted() {
        let pattern = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        let identifiers = (0..<1000).map { _ in RequestIdentifier.of([:]) }
        #expect(identifiers.allSatisfy { $0.wholeMatch(of: pattern) != nil })
        #expect(Set(identifiers).count == identifiers.count)
    }
}

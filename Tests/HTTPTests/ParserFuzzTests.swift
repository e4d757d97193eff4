import EventLoop
import HTTP
import Testing

@Suite("The parsers, fed with mutations of good bytes", .serialized) struct ParserFuzzTests {
    private static let half = Duration.seconds(FuzzBudget.seconds / 2)

    @Test("read any request bytes the same way whole and chopped, and never trap")
    func requests() {
        let samples = [
            "GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, close\r\n\r\n",
            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
            "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;e=f\r\nabc\r\n0\r\nT: u\r\n\r\n",
            "GET http://x/%41 HTTP/1.0\r\nUpgrade: websocket\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nX: \t y \t\r\n\r\nGET / HTTP/1.1\r\nHost: y\r\n\r\n",
        ].map { Array($0.utf8) }
        var generator = ByteGenerator(seed: 9112)
        var limits = HTTPParserLimits()
        limits.bodyBytes = 4096
        run {
            let bytes = generator.mutated(of: samples)
            let whole = RequestTranscript(bytes, chop: .max, limits: limits)
            let chop = Int.random(in: 1...17, using: &generator)
            #expect(whole == RequestTranscript(bytes, chop: chop, limits: limits), "\(bytes)")
            #expect(whole.entries.count <= bytes.count + 1)
        }
    }

    @Test("read any frame bytes the same way whole and chopped, and never trap")
    func frames() {
        let samples = [
            frame(0x81, Array("salut ăîșț".utf8)) + frame(0x89, [1]), frame(0x01, [0xce]) + frame(0x80, [0xba]),
            frame(0x82, Array(repeating: 9, count: 300)), frame(0x88, [3, 0xe8, 65]),
            frame(0x02) + frame(0x8a) + frame(0x80),
        ]
        var generator = ByteGenerator(seed: 6455)
        run {
            let bytes = generator.mutated(of: samples)
            let role: WebSocketRole = generator.next() % 8 == 0 ? .client : .server
            let whole = FrameTranscript(bytes, chop: .max, role: role, messageLimit: 1000).entries
            let chop = Int.random(in: 1...17, using: &generator)
            #expect(whole == FrameTranscript(bytes, chop: chop, role: role, messageLimit: 1000).entries, "\(bytes)")
            #expect(whole.count <= bytes.count)
        }
    }

    private func run(_ round: () -> Void) {
        let end = LoopInstant.current + Self.half
        repeat {
            for _ in 0..<50 { round() }
        } while LoopInstant.current < end
    }
}

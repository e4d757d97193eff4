import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("Bytes that are no HTTP", .serialized) @Loop struct BrokenBytes {
        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            let bytes: String
            let status: Int
            var testDescription: String { name }
        }

        nonisolated static let head = "POST /api/v1/commands HTTP/1.1\r\nHost: x\r\n"

        nonisolated static let cases: [Case] = [
            Case(name: "noise", bytes: "\u{1}\u{2}\u{3} nothing\r\n\r\n", status: 400),
            Case(
                name: "a TLS greeting", bytes: "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n\r\n",
                status: 400),
            Case(name: "no host", bytes: "GET /health HTTP/1.1\r\n\r\n", status: 400),
            Case(name: "two hosts", bytes: "GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", status: 400),
            Case(name: "another version", bytes: "GET /health HTTP/3.0\r\nHost: x\r\n\r\n", status: 505),
            Case(name: "a space before the colon", bytes: "GET /health HTTP/1.1\r\nHost : x\r\n\r\n", status: 400),
            Case(name: "a folded field", bytes: "GET /health HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", status: 400),
            Case(name: "a NUL", bytes: "GET /health HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n", status: 400),
            Case(
                name: "two lengths", bytes: head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", status: 400),
            Case(name: "a signed length", bytes: head + "Content-Length: +1\r\n\r\na", status: 400),
            Case(
                name: "a length and a coding",
                bytes: head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", status: 400),
            Case(name: "an unknown coding", bytes: head + "Transfer-Encoding: gzip\r\n\r\n", status: 501),
            Case(name: "a broken chunk", bytes: head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", status: 400),
            Case(
                name: "an unknown expectation", bytes: head + "Expect: miracles\r\nContent-Length: 1\r\n\r\n",
                status: 417),
            Case(
                name: "a long target", bytes: "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: x\r\n\r\n",
                status: 414),
            Case(
                name: "long fields",
                bytes: "GET /health HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 17_000))\r\n\r\n",
                status: 431),
            Case(
                name: "many fields",
                bytes: "GET /health HTTP/1.1\r\nHost: x\r\n\(String(repeating: "A: b\r\n", count: 101))\r\n",
                status: 431),
            Case(name: "a long body", bytes: head + "Content-Length: 99999999\r\n\r\n", status: 413),
        ]

        @Test("are answered with a refusal in the usual form, and with the end of the connection", arguments: cases)
        func refused(_ broken: Case) async throws {
            let system = try await EverydayStack.shared()
            try await system.unharmed {
                let raw = try await RawConnection(to: system.endpoint, broken.bytes)
                let ended: Bool? = await eventually { raw.hasEnded ? true : nil }
                #expect(ended == true)
                #expect(raw.statuses == [broken.status], "\(raw.text)")
                let body = raw.text.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? ""
                let error = try JSON(parsing: Array(body.utf8))["error"]
                #expect(error?["code"]?.string?.isEmpty == false)
                #expect(raw.text.lowercased().contains("x-request-id: "))
                #expect(raw.text.contains("RateLimit-Remaining: "))
            }
        }

        @Test("do not make a request of what was meant as a body") func smuggling() async throws {
            let system = try await EverydayStack.shared()
            try await system.unharmed {
                let hidden = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
                let raw = try await RawConnection(
                    to: system.endpoint,
                    Self.head + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + hidden)
                let ended: Bool? = await eventually { raw.hasEnded ? true : nil }
                #expect(ended == true)
                #expect(raw.statuses == [400])
            }
        }

        @Test("that end in the middle end the connection, and nothing else") func half() async throws {
            let system = try await EverydayStack.shared()
            try await system.unharmed {
                let raw = try await RawConnection(
                    to: system.endpoint,
                    Self.head + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"type\":")
                raw.finishWriting()
                let ended: Bool? = await eventually { raw.hasEnded ? true : nil }
                #expect(ended == true)
            }
        }
    }
}

extension EverydayStack {
    /// Where the edge listens.
    var endpoint: StreamEndpoint { stack.endpoint }
}

import HTTP
import Testing

@Suite("The request parser") struct RequestParserTests {
    @Test("accepts what RFC 9112 allows, whole and byte by byte", arguments: acceptedCases)
    func accepts(_ request: WireCase) {
        #expect(RequestTranscript(request.bytes, chop: .max).description == request.answer)
        #expect(RequestTranscript(request.bytes, chop: 1).description == request.answer)
        #expect(RequestTranscript(request.bytes, chop: 3).description == request.answer)
    }

    @Test("refuses what two implementations could read differently", arguments: refusedCases)
    func refuses(_ request: WireCase) {
        #expect(RequestTranscript(request.bytes, chop: .max).entries.last == "refused \(request.answer)")
        #expect(RequestTranscript(request.bytes, chop: 1).entries.last == "refused \(request.answer)")
        #expect(RequestTranscript(request.bytes, chop: 7).entries.last == "refused \(request.answer)")
    }

    @Test("holds each limit exactly", arguments: limitCases)
    func limitExactly(_ request: WireCase) {
        #expect(RequestTranscript(request.bytes, chop: .max).entries.last == request.answer)
        #expect(RequestTranscript(request.bytes, chop: 1).entries.last == request.answer)
    }

    @Test("asks for the body limit after the head, and goes back to the default with the next request")
    func bodyLimitPerRequest() {
        var parser = HTTPRequestParser()
        let bytes = Array("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".utf8)
        bytes.withUnsafeBufferPointer { view in
            var consumed = 0
            guard case .head = parser.next(view, consumed: &consumed) else { return #expect(Bool(false)) }
            parser.bodyLimit = 4
            guard case .refused(let refusal) = parser.next(ByteView(rebasing: view[consumed...]), consumed: &consumed)
            else { return #expect(Bool(false)) }
            #expect(refusal.status == 413)
        }
    }

    @Test("finds header fields without regard to case, and lists of tokens in them")
    func headers() {
        var headers: HTTPHeaders = ["Content-Type": "a", "X-Many": "1", "x-many": "2"]
        #expect(headers["content-TYPE"] == "a")
        #expect(headers.values(of: "X-MANY") == ["1", "2"])
        headers["x-Many"] = "3"
        #expect(headers.values(of: "X-Many") == ["3"])
        headers.append("Connection", "keep-alive, Upgrade")
        #expect(headers.contains(token: "upgrade", in: "connection"))
        #expect(!headers.contains(token: "grade", in: "connection"))
        headers.append("X-Bad\r\n", "a\r\nSet-Cookie: b\0")
        #expect(headers.all.last! == ("X-Bad__", "a  Set-Cookie: b "))
    }
}

private let host = "Host: x\r\n"

private let acceptedCases: [WireCase] = [
    WireCase("GET / HTTP/1.1\r\n\(host)\r\n", "GET /; end 0 "),
    WireCase("\r\nGET / HTTP/1.1\r\n\(host)\r\n", "GET /; end 0 "),
    WireCase("\r\n\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n", "GET /; end 0 "),
    WireCase("\r\n\r\n", ""),
    WireCase("\r\n\r\nG", "waiting"),
    WireCase(String(repeating: "\r\n", count: 20_000) + "GET / HTTP/1.1\r\n\(host)\r\n", "GET /; end 0 "),
    WireCase("GET /a/b?c=d&e HTTP/1.1\r\n\(host)\r\n", "GET /a/b ?c=d&e; end 0 "),
    WireCase("GET /%41%c3%a4 HTTP/1.1\r\n\(host)\r\n", "GET /%41%c3%a4; end 0 "),
    WireCase("GET http://x:80/a?b HTTP/1.1\r\n\(host)\r\n", "GET /a ?b; end 0 "),
    WireCase("GET HTTP://x HTTP/1.1\r\n\(host)\r\n", "GET /; end 0 "),
    WireCase("GET http://x?b HTTP/1.1\r\n\(host)\r\n", "GET / ?b; end 0 "),
    WireCase("OPTIONS * HTTP/1.1\r\n\(host)\r\n", "OPTIONS *; end 0 "),
    WireCase("BREW /pot HTTP/1.1\r\n\(host)\r\n", "BREW /pot; end 0 "),
    WireCase("GET / HTTP/1.0\r\n\r\n", "GET /; end 0 "),
    WireCase("GET / HTTP/1.1\r\nhOST:\t x:80 \t\r\nX-Empty:\r\nX: \u{e4} \t b\r\n\r\n", "GET /; end 0 "),
    WireCase("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "GET /; end 0 "),
    WireCase("POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhello", "POST /; end 5 hello"),
    WireCase("POST / HTTP/1.1\r\n\(host)Content-Length: 0005\r\n\r\nhello", "POST /; end 5 hello"),
    WireCase("POST / HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n", "POST /; end 0 "),
    WireCase("POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhel", "POST /; waiting"),
    WireCase("POST / HTTP/1.1\r\n\(host)Expect: 100-Continue\r\nContent-Length: 1\r\n\r\na", "POST /; end 1 a"),
    WireCase(
        "POST /1 HTTP/1.1\r\n\(host)Content-Length: 1\r\n\r\naGET /2 HTTP/1.1\r\n\(host)\r\n",
        "POST /1; end 1 a; GET /2; end 0 "),
    WireCase("POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\n\r\na\r\n", "POST /; end 1 a"),
    WireCase(
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n00a\r\n0123456789\r\n0\r\n\r\n",
        "POST /; end 13 abc0123456789"),
    WireCase(
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n1;a=b;c=\"d\"\r\nx\r\n0;z\r\nTrailer: t\r\n\r\n",
        "POST /; end 1 x"),
    WireCase("GET / HTTP/1.1\r\nHost: x\r\nX: y", "waiting"),
]

private let refusedCases: [WireCase] =
    [
        ("GET / HTTP/1.1\r\n\r\n", "400"), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\nHost: x\n\n", "400"), ("GET / HTTP/1.1\r\nHost: x\n\r\n", "400"),
        ("GET / HTTP/1.1\r\n\(host)X: a\rb\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\(host)X: a\0b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\n\(host)X: a\u{7f}\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\(host)X: a\r\n b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\n X: a\r\n\(host)\r\n", "400"), ("GET / HTTP/1.1\r\n\(host)X : a\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\n\(host): a\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\(host)X\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\n\(host)X\0: a\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\(host)(X): a\r\n\r\n", "400"),
        ("GET  / HTTP/1.1\r\n\(host)\r\n", "400"), ("GET /  HTTP/1.1\r\n\(host)\r\n", "400"),
        ("GET / HTTP/1.1 \r\n\(host)\r\n", "400"), ("GET\t/ HTTP/1.1\r\n\(host)\r\n", "400"),
        (" GET / HTTP/1.1\r\n\(host)\r\n", "400"), ("\r\n\nGET / HTTP/1.1\r\n\(host)\r\n", "400"),
        ("G(T / HTTP/1.1\r\n\(host)\r\n", "400"), ("GET\r\n\r\n", "400"), ("GET /\r\n\(host)\r\n", "400"),
        ("GET a HTTP/1.1\r\n\(host)\r\n", "400"), ("GET * HTTP/1.1\r\n\(host)\r\n", "400"),
        ("GET /a#b HTTP/1.1\r\n\(host)\r\n", "400"), ("GET /\u{e4} HTTP/1.1\r\n\(host)\r\n", "400"),
        ("GET /a%4 HTTP/1.1\r\n\(host)\r\n", "400"), ("GET /%gg HTTP/1.1\r\n\(host)\r\n", "400"),
        ("GET /a\\b HTTP/1.1\r\n\(host)\r\n", "400"), ("GET http:///a HTTP/1.1\r\n\(host)\r\n", "400"),
        ("CONNECT x:443 HTTP/1.1\r\n\(host)\r\n", "400"), ("GET ftp://x/ HTTP/1.1\r\n\(host)\r\n", "400"),
        ("GET / HTTP/2.0\r\n\(host)\r\n", "505"), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
        ("GET / HTTP/1.2\r\n\(host)\r\n", "505"), ("GET / HTTP/0.9\r\n\(host)\r\n", "505"),
        ("GET / http/1.1\r\n\(host)\r\n", "400"), ("GET / HTTP/1.10\r\n\(host)\r\n", "400"),
        ("GET / HTTP/11\r\n\(host)\r\n", "400"), ("GET / HTTP/1.x\r\n\(host)\r\n", "400"),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}", "400"), ("\0", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\nContent-Length: 5\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 5, 5\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: +5\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: -5\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 5 5\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 0x5\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 5.0\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length:\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 1048577\r\n\r\n", "413"),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999999\r\n\r\n", "413"),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip\r\n\r\n", "501"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n", "501"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: identity\r\n\r\n", "501"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: xchunked\r\n\r\n", "501"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: \"chunked\"\r\n\r\n", "501"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, chunked\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked, gzip\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked,\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding:\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding : chunked\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\n\(host)Expect: tea\r\n\r\n", "417"),
    ].map { WireCase($0.0, $0.1) }
    + [
        "\r\n", "g\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", "1_0\r\n", " 1\r\n", "1 \r\n", "1\n", "1\r\nab", "1\r\na\n",
        "1\r\na\rb", "1;a\nb", "1;a\0\r\n", "1;a\rb\r\n", "ffffffffffffffff\r\n", "0000000000000001\r\n",
        "0\r\nX : a\r\n",
        "0\r\nX: a\n", "0\r\n X: a\r\n", "0\r\nX: a\0\r\n", "0\r\n\n", "1\r\n\r\n\r\n",
    ].map { WireCase("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n\($0)", "400") }

private let limitCases: [WireCase] = {
    func fields(_ count: Int) -> String { (0..<count).map { "X\($0): y\r\n" }.joined() }
    func padded(_ total: Int) -> String { "Host: x\r\nX: \(String(repeating: "y", count: total - 16))\r\n\r\n" }
    let chunked = "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
    let target = { "/" + String(repeating: "a", count: $0 - 1) }
    let mebibyte = String(repeating: "b", count: 1 << 20)
    return [
        WireCase("GET / HTTP/1.1\r\n\(host)\(fields(99))\r\n", "end 0 "),
        WireCase("GET / HTTP/1.1\r\n\(host)\(fields(100))\r\n", "refused 431"),
        WireCase("GET / HTTP/1.1\r\n\(padded(16384))", "end 0 "),
        WireCase("GET / HTTP/1.1\r\n\(padded(16385))", "refused 431"),
        WireCase("GET / HTTP/1.1\r\nX: \(String(repeating: "y", count: 20000))", "refused 431"),
        WireCase("GET \(target(8192)) HTTP/1.1\r\n\(host)\r\n", "end 0 "),
        WireCase("GET \(target(8193)) HTTP/1.1\r\n\(host)\r\n", "refused 414"),
        WireCase("GET \(target(20000))", "refused 414"),
        WireCase(String(repeating: "G", count: 20000), "refused 400"),
        WireCase("\(String(repeating: "G", count: 33)) / HTTP/1.1\r\n\(host)\r\n", "refused 400"),
        WireCase("\(chunked)100000\r\n\(mebibyte)\r\n0\r\n\r\n", "end 1048576 bbbbbbbbbbbbbbbbbbbb"),
        WireCase("\(chunked)100000\r\n\(mebibyte)\r\n1\r\nb", "refused 413"),
        WireCase("\(chunked)1;\(String(repeating: "e", count: 9000))\r\n", "refused 400"),
        WireCase("\(chunked)0\r\n\(String(repeating: "X: y\r\n", count: 2000))\r\n", "refused 400"),
    ]
}()

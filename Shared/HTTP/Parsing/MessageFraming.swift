/// What the header fields say about the message's own form: where the body ends, whether the connection stays.
struct MessageFraming {
    private var hosts = 0
    private var length: Int?
    private var lengths = 0
    private var codings = 0
    private var closes = false
    private var keepsAlive = false
    private var upgrades = false
    private(set) var expectsContinue = false

    /// Takes notice of one field; unknown names cost one comparison of lengths.
    mutating func note(_ bytes: ByteView, _ field: HTTPHeaders.Field) throws(HTTPRefusal) {
        let name = bytes.view(Int(field.nameStart), Int(field.nameEnd))
        let value = bytes.view(Int(field.valueStart), Int(field.valueEnd))
        switch name.count {
        case 4 where name.equals("host"): try noteHost(value)
        case 6 where name.equals("expect"): try noteExpect(value)
        case 10 where name.equals("connection"): noteConnection(value)
        case 14 where name.equals("content-length"): try noteLength(value)
        case 17 where name.equals("transfer-encoding"): try noteCoding(value)
        default: break
        }
    }

    var asksForUpgrade: Bool { upgrades }

    /// Decides at the end of a request's head.
    func request(isHTTP10: Bool) throws(HTTPRefusal) -> HTTPRequestHead.Framing {
        guard hosts == 1 || isHTTP10 && hosts == 0 else { throw .malformed("exactly one Host field is required") }
        if codings > 0 {
            if isHTTP10 { throw .malformed("HTTP/1.0 has no transfer codings") }
            if lengths > 0 { throw .malformed("both Content-Length and Transfer-Encoding are given") }
            return .chunked
        }
        if lengths > 1 { throw .malformed("Content-Length is given more than once") }
        return length.map { .length($0) } ?? .empty
    }

    /// Decides at the end of a response's head; nil means that the body lasts until the connection's end.
    func response() throws(HTTPRefusal) -> HTTPRequestHead.Framing? {
        if codings > 0 {
            if lengths > 0 { throw .malformed("both Content-Length and Transfer-Encoding are given") }
            return .chunked
        }
        if lengths > 1 { throw .malformed("Content-Length is given more than once") }
        return length.map { .length($0) }
    }

    /// True if the connection can carry another message after this one (RFC 9112 §9.3).
    func keepsAlive(isHTTP10: Bool) -> Bool { isHTTP10 ? keepsAlive && !closes : !closes }

    private mutating func noteHost(_ value: ByteView) throws(HTTPRefusal) {
        hosts += 1
        for byte in value where !ByteClass.host.contains(byte) { throw .malformed("the Host field is not a host") }
    }

    private mutating func noteExpect(_ value: ByteView) throws(HTTPRefusal) {
        guard value.equals("100-continue") else {
            throw HTTPRefusal(417, "no expectation but 100-continue is met here")
        }
        expectsContinue = true
    }

    private mutating func noteConnection(_ value: ByteView) {
        for token in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: true) {
            let token = ByteView(rebasing: token).trimmed
            if token.equals("close") { closes = true }
            if token.equals("keep-alive") { keepsAlive = true }
            if token.equals("upgrade") { upgrades = true }
        }
    }

    /// Digits only; more than fit saturate, so that they meet the body limit.
    private mutating func noteLength(_ value: ByteView) throws(HTTPRefusal) {
        lengths += 1
        guard !value.isEmpty else { throw .malformed("Content-Length is empty") }
        var sum = 0
        for byte in value {
            guard byte.isDigit else { throw .malformed("Content-Length is not a plain number") }
            let (product, overflow) = sum.multipliedReportingOverflow(by: 10)
            let (next, carry) = product.addingReportingOverflow(Int(byte - 0x30))
            sum = overflow || carry ? .max : next
        }
        length = sum
    }

    private mutating func noteCoding(_ value: ByteView) throws(HTTPRefusal) {
        codings += 1
        guard codings == 1, !value.isEmpty else { throw .malformed("Transfer-Encoding is empty or repeated") }
        if value.equals("chunked") { return }
        let last = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            ByteView(rebasing: $0).trimmed
        }
        if last.contains(where: { $0.equals("chunked") }),
            last.count != 2 || !last[1].equals("chunked")
                || last[0].equals("chunked")
        {
            throw .malformed("chunked is not the last coding")
        }
        throw HTTPRefusal(501, "no transfer coding but chunked is implemented")
    }
}

/// `method SP target SP HTTP/1.x` (RFC 9112 §3), as ranges of the head.
struct RequestLine {
    static let longestMethod = 32

    let method: Range<Int>
    let target: Range<Int>
    let path: Range<Int>
    let query: Range<Int>?
    let isHTTP10: Bool

    /// Parses the line between `start` and `end`, which excludes its CRLF.
    init(_ bytes: ByteView, _ start: Int, _ end: Int, limits: HTTPParserLimits) throws(HTTPRefusal) {
        var index = start
        while index < end, ByteClass.token.contains(bytes[index]) { index += 1 }
        guard index > start, index - start <= Self.longestMethod, index < end, bytes[index] == 0x20 else {
            throw .malformed("the method is not a token")
        }
        method = start..<index
        let targetStart = index + 1
        index = targetStart
        while index < end, ByteClass.target.contains(bytes[index]) { index += 1 }
        if index - targetStart > limits.targetBytes { throw .targetTooLong }
        guard index > targetStart, index < end, bytes[index] == 0x20 else {
            throw .malformed("the request target is not valid")
        }
        target = targetStart..<index
        isHTTP10 = try Self.isHTTP10(bytes.view(index + 1, end))
        let origin = try Self.origin(bytes, target, isOptions: bytes.view(start, method.upperBound).equals("options"))
        try Self.checkEscapes(bytes, origin)
        let mark = origin.first { bytes[$0] == UInt8(ascii: "?") }
        path = origin.lowerBound..<(mark ?? origin.upperBound)
        query = mark.map { $0 + 1..<origin.upperBound }
    }

    private static func isHTTP10(_ version: ByteView) throws(HTTPRefusal) -> Bool {
        guard version.count == 8, version.view(0, 5).hasBytes("HTTP/"), version[5].isDigit,
            version[6] == UInt8(ascii: "."), version[7].isDigit
        else { throw .malformed("the request line does not end in an HTTP version") }
        guard version[5] == UInt8(ascii: "1"), version[7] <= UInt8(ascii: "1") else {
            throw HTTPRefusal(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
        }
        return version[7] == UInt8(ascii: "0")
    }

    /// Path and query: all of an origin-form, the rest behind the authority of an absolute-form (RFC 9112 §3.2).
    private static func origin(
        _ bytes: ByteView, _ target: Range<Int>, isOptions: Bool
    ) throws(HTTPRefusal) -> Range<Int> {
        if bytes[target.lowerBound] == UInt8(ascii: "/") { return target }
        if target.count == 1, bytes[target.lowerBound] == UInt8(ascii: "*"), isOptions { return target }
        for scheme: StaticString in ["http://", "https://"] {
            let length = scheme.utf8CodeUnitCount
            guard target.count > length, bytes.view(target.lowerBound, target.lowerBound + length).equals(scheme)
            else { continue }
            let authority = target.lowerBound + length
            let end = (authority..<target.upperBound).first { bytes[$0] == 0x2f || bytes[$0] == 0x3f }
            guard end != authority else { break }
            return (end ?? target.upperBound)..<target.upperBound
        }
        throw .malformed("the request target is neither a path nor an http URL")
    }

    private static func checkEscapes(_ bytes: ByteView, _ origin: Range<Int>) throws(HTTPRefusal) {
        for index in origin where bytes[index] == UInt8(ascii: "%") {
            guard index + 2 < origin.upperBound, bytes[index + 1].hexValue != nil, bytes[index + 2].hexValue != nil
            else { throw .malformed("the request target has a broken percent-escape") }
        }
    }
}

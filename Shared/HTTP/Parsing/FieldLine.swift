/// One `name: value` line of a header or trailer section (RFC 9112 §5).
enum FieldLine {
    /// Parses the line between `start` and `end`, which excludes its CRLF and is not empty.
    static func parse(_ bytes: ByteView, _ start: Int, _ end: Int) throws(HTTPRefusal) -> HTTPHeaders.Field {
        guard !bytes[start].isBlank else { throw .malformed("a header field is folded") }
        var index = start
        while index < end, ByteClass.token.contains(bytes[index]) { index += 1 }
        guard index > start, index < end, bytes[index] == UInt8(ascii: ":") else {
            throw .malformed("a header field's name is not a token followed by a colon")
        }
        let name = start..<index
        var valueStart = index + 1
        var valueEnd = end
        while valueStart < valueEnd, bytes[valueStart].isBlank { valueStart += 1 }
        while valueEnd > valueStart, bytes[valueEnd - 1].isBlank { valueEnd -= 1 }
        for index in valueStart..<valueEnd where !bytes[index].isFieldContent {
            throw .malformed("a header field's value has a control character")
        }
        return HTTPHeaders.Field(name: name, value: valueStart..<valueEnd)
    }
}

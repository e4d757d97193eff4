/// Bodies that any server passes on unharmed and a person can still read (RFC 2045, section 6.7).
enum QuotedPrintable {
    private static let longestLine = 76

    /// Lines of `text` end with a line feed; those of the result with CRLF.
    static func encode(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(encodeLine).joined(separator: "\r\n")
    }

    private static func encodeLine(_ line: Substring) -> String {
        var encoded = ""
        var length = 0
        let bytes = Array(line.utf8)
        for (index, byte) in bytes.enumerated() {
            let isLast = index == bytes.count - 1
            let isBlank = byte == 0x20 || byte == 0x09
            let isPlain = (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "=")
            let symbol = isPlain || (isBlank && !isLast) ? String(UnicodeScalar(byte)) : escaped(byte)
            // A line that goes on ends with "=".
            if length + symbol.utf8.count > longestLine - (isLast ? 0 : 1) {
                encoded += "=\r\n"
                length = 0
            }
            encoded += symbol
            length += symbol.utf8.count
        }
        return encoded
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return "=\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }
}

import CCurl

/// A server's whole answer.
package struct CurlResponse: Sendable {
    /// The status code.
    package let status: Int
    /// The header fields in the order of arrival, as sent.
    package let headers: [(name: String, value: String)]
    /// The body without its transfer coding.
    package let body: [UInt8]

    /// The body as text; bytes that are no UTF-8 are replaced.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the first field of that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The `Date` field, in whole seconds since 1970; nil when it is missing or unreadable.
    package var date: Int? {
        let seconds = header("Date").map { curl_getdate($0, nil) } ?? -1
        return seconds < 0 ? nil : seconds
    }

    /// An interim answer (100, 103) has header lines of its own; only those after the last status line count.
    init(lines: [String], status: Int, body: [UInt8]) {
        let start = lines.lastIndex { $0.hasPrefix("HTTP/") } ?? 0
        headers = lines[start...].compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            return (String(line[..<colon]), String(value))
        }
        self.status = status
        self.body = body
    }
}

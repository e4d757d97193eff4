/// A response status (RFC 9110 §15).
package struct HTTPStatus: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The three-digit code.
    package let rawValue: Int
    /// A status by its code; outside 100…999 it becomes 500, which keeps the status line well formed.
    package init(rawValue: Int) { self.rawValue = (100...999).contains(rawValue) ? rawValue : 500 }
    /// A status from a literal code.
    package init(integerLiteral value: Int) { self.init(rawValue: value) }

    /// The standard phrase, for example `Not Found`; empty for codes without one.
    package var phrase: String { Self.phrases[rawValue] ?? "" }

    /// True for responses that never have a body: 1xx, 204 and 304.
    package var forbidsBody: Bool { rawValue < 200 || rawValue == 204 || rawValue == 304 }

    private static let phrases = [
        100: "Continue", 101: "Switching Protocols", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
        206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
        307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
        402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
        408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
        417: "Expectation Failed", 421: "Misdirected Request", 422: "Unprocessable Content", 426: "Upgrade Required",
        428: "Precondition Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported",
    ]
}

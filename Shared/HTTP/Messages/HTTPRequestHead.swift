/// A request line and its header fields, checked.
package struct HTTPRequestHead: Sendable {
    /// How the body's end is found (RFC 9112 §6).
    enum Framing: Sendable, Equatable {
        case empty
        case length(Int)
        case chunked
    }

    /// The method, a valid token but not necessarily a known one.
    package let method: HTTPMethod
    /// The header fields.
    package let headers: HTTPHeaders
    let framing: Framing
    let isHTTP10: Bool
    let keepsAlive: Bool
    let expectsContinue: Bool
    let asksForUpgrade: Bool
    let targetRange: Range<Int>
    let pathRange: Range<Int>
    let queryRange: Range<Int>?

    /// The target as sent, for example `/devices?limit=5`, `*`, or an absolute URL.
    package var target: String { text(targetRange) }

    /// The path as sent, with its percent-escapes; begins with `/` (for `OPTIONS *` it is `*`).
    package var path: String { pathRange.isEmpty ? "/" : text(pathRange) }

    /// What follows the first `?`, undecoded; nil without one.
    package var query: String? { queryRange.map(text) }

    private func text(_ range: Range<Int>) -> String { String(decoding: headers.bytes[range], as: UTF8.self) }
}

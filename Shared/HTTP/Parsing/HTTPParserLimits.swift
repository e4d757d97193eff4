/// How much of a message is taken before it is refused.
package struct HTTPParserLimits: Sendable {
    /// Bytes of the request target; beyond 414.
    package var targetBytes = 8 * 1024
    /// Bytes of all header fields; beyond 431.
    package var headerBytes = 16 * 1024
    /// Number of header fields; beyond 431.
    package var headerFields = 100
    /// Bytes of the body; beyond 413.
    package var bodyBytes = 1 << 20

    /// The limits of a request as stated.
    package init() {}

    /// A method, the target, the version and their separators.
    var requestLineBytes: Int { RequestLine.longestMethod + targetBytes + 12 }
}

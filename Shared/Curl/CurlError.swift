/// Why a request got no answer. Texts come from libcurl and name hosts, never credentials.
package enum CurlError: Error, Equatable, Sendable {
    /// The URL, a header or the method cannot be sent; nothing was.
    case invalidRequest(String)
    /// As many transfers run as may; nothing was sent.
    case overloaded
    /// The host was not found, not reached, or not trusted; nothing of the request was sent.
    case unreachable(String)
    /// The connection broke; whether the request took effect is unknown.
    case interrupted(String)
    /// The answer's body is longer than allowed; it was cut off.
    case bodyTooLarge
    /// No whole answer by the deadline; whether the request took effect is unknown.
    case deadline
    /// The waiting task was cancelled; whether the request took effect is unknown.
    case cancelled
}

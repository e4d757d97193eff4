/// Why bytes are not a request that will be served: the status to answer, and what is wrong in one phrase.
package struct HTTPRefusal: Error, Sendable, Equatable {
    /// The status to answer before the connection is closed.
    package let status: HTTPStatus
    /// What is wrong; says nothing of what was sent.
    package let reason: String
    /// The head of the refused request, where that much of it could be read.
    package internal(set) var head: HTTPRequestHead?

    init(_ status: HTTPStatus, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    /// The same status for the same reason, whatever the request.
    package static func == (left: HTTPRefusal, right: HTTPRefusal) -> Bool {
        left.status == right.status && left.reason == right.reason
    }

    static func malformed(_ reason: String) -> HTTPRefusal { HTTPRefusal(400, reason) }
    static let headerTooLarge = HTTPRefusal(431, "the header fields are too many or too long")
    static let targetTooLong = HTTPRefusal(414, "the request target is too long")
    static let bodyTooLarge = HTTPRefusal(413, "the body is too large")
}

/// A whole response.
package struct HTTPClientResponse: Sendable {
    /// The status.
    package let status: HTTPStatus
    /// The header fields.
    package let headers: HTTPHeaders
    /// The body without its transfer coding.
    package let body: [UInt8]

    /// The body as text; bytes that are not UTF-8 are replaced.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

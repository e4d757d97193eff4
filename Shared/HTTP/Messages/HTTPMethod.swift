/// A request method, case-sensitive (RFC 9110 §9).
package struct HTTPMethod: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// The token as it stands in the request line.
    package let rawValue: String
    /// A method by its token; whether it is one is checked where bytes are parsed.
    package init(rawValue: String) { self.rawValue = rawValue }
    /// A method from a literal token.
    package init(stringLiteral value: String) { rawValue = value }

    /// `GET`
    package static let get: HTTPMethod = "GET"
    /// `HEAD`: answered like `GET`, without the body.
    package static let head: HTTPMethod = "HEAD"
    /// `POST`
    package static let post: HTTPMethod = "POST"
    /// `PUT`
    package static let put: HTTPMethod = "PUT"
    /// `PATCH`
    package static let patch: HTTPMethod = "PATCH"
    /// `DELETE`
    package static let delete: HTTPMethod = "DELETE"
    /// `OPTIONS`
    package static let options: HTTPMethod = "OPTIONS"
}

/// One wrong field: where it is and what it should be.
package struct Violation: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The way to the field, such as `body.items[0].vatRate` or `query.limit`.
    package let path: String
    /// A sentence that names the field, such as `vatRate must be one of: 0, 9, 11, 21`.
    package let message: String

    /// A violation at a path.
    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    /// The path and the message, for logs and tests.
    package var description: String { "\(path): \(message)" }
}

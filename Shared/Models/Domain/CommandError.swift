/// Why a command failed, in the words of the register, the app or the cloud.
package struct CommandError: Codable, Sendable, Hashable {
    /// A short code: the register's own, `EXPIRED` from the app, `E500` for a timeout.
    package let code: String
    /// A sentence for people.
    package let message: String
    /// Whether ordering the same again can help.
    package let retryable: Bool

    /// All members.
    package init(code: String, message: String, retryable: Bool) {
        self.code = code
        self.message = message
        self.retryable = retryable
    }
}

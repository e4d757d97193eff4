/// The secrets of one kind of signature: the current one signs, the previous one is still accepted while it is
/// rotated out. Prints as `•••`.
package struct SigningKeys: Sendable, CustomStringConvertible, CustomReflectable {
    private let accepted: [[UInt8]]

    /// Keys of at least 32 bytes are expected (RFC 7518, section 3.2); checking the length is the configuration's task.
    package init(current: [UInt8], previous: [UInt8]? = nil) {
        accepted = [current] + (previous.map { [$0] } ?? [])
    }

    /// What is printed instead of the secrets.
    package var description: String { "•••" }

    /// Hides the secrets from `dump` and string interpolation.
    package var customMirror: Mirror { Mirror(self, children: []) }

    func sign(_ message: [UInt8]) -> [UInt8] { HMACSHA256.authenticate(message, key: accepted[0]) }

    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        // No short cut: which of the keys matched must not show in the time either.
        accepted.reduce(false) { HMACSHA256.isValid(signature, for: message, key: $1) || $0 }
    }
}

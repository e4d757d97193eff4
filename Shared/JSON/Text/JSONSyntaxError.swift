/// Why bytes are not a JSON text, and where.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    /// What was wrong.
    package enum Reason: String, Sendable {
        /// The text ends inside a value.
        case unexpectedEnd = "unexpected end of JSON text"
        /// A byte that cannot stand there.
        case unexpectedByte = "unexpected character"
        /// Something follows the value.
        case trailingBytes = "unexpected character after the JSON value"
        /// A number that RFC 8259 does not allow, such as `01` or `1.`.
        case invalidNumber = "invalid number"
        /// A raw control character inside a string.
        case controlCharacter = "control character in a string"
        /// An escape sequence that does not exist, or half a surrogate pair.
        case invalidEscape = "invalid escape sequence"
        /// `\u0000`, which no text column can store.
        case nulCharacter = "NUL character in a string"
        /// Bytes that are not UTF-8.
        case invalidUTF8 = "invalid UTF-8"
        /// A member name that an object has already.
        case duplicateName = "duplicate member name"
        /// More nested arrays and objects than the limit.
        case tooDeep = "nested too deeply"
    }

    /// What was wrong.
    package let reason: Reason
    /// The offset, in bytes, at which it was noticed.
    package let offset: Int

    /// A sentence for the sender; quotes nothing of what was sent.
    package var description: String { "\(reason.rawValue) at byte \(offset)" }
}

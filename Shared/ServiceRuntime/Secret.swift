/// A configured value that must not be seen: it prints, interpolates, dumps and logs as `•••`.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value itself, for the one call that needs it; never store or print the result.
    package let revealed: String

    /// Wraps `value`.
    package init(_ value: String) { revealed = value }

    /// The value's UTF-8 bytes, as key material.
    package var bytes: [UInt8] { Array(revealed.utf8) }

    /// `•••`.
    package var description: String { "•••" }
    /// `•••`.
    package var debugDescription: String { "•••" }
    /// Empty, so that reflection shows nothing either.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

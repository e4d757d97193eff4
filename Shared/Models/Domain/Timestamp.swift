import FoundationEssentials
import JSON

/// A moment of civil time, in milliseconds since 1970-01-01T00:00:00Z; ISO-8601 with milliseconds and `Z` on the wire.
package struct Timestamp: Hashable, Comparable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// Milliseconds since the Unix epoch; may be negative.
    package let milliseconds: Int64

    /// A moment from its milliseconds since the Unix epoch.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The moment that a date or a date-time of RFC 3339 names, UTC where no offset is written; nil for anything else.
    package init?(_ text: String) {
        guard let milliseconds = RFC3339.milliseconds(from: text) else { return nil }
        self.milliseconds = milliseconds
    }

    /// A moment from a literal that is known to be well-formed, as in tests and examples.
    package init(stringLiteral value: String) {
        guard let parsed = Timestamp(value) else { preconditionFailure("\(value) is not a date and time") }
        self = parsed
    }

    /// The wall clock's reading at this very moment.
    package static func now() -> Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    /// Reads a JSON string.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let parsed = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "must be an ISO 8601 date-time")
        }
        self = parsed
    }

    /// Writes a JSON string.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// For example `2026-04-09T08:10:00.000Z`.
    package var description: String { RFC3339.text(milliseconds: milliseconds) }

    /// Chronological order.
    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// The moment `duration` later.
    package static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(milliseconds: moment.milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    /// The moment `duration` earlier.
    package static func - (moment: Timestamp, duration: Duration) -> Timestamp { moment + (Duration.zero - duration) }

    /// The time from `earlier` to `later`.
    package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .milliseconds(later.milliseconds - earlier.milliseconds)
    }

    /// What a JSON value of this type looks like.
    package static let schema = Schema.string(.timestamp).described(
        "ISO 8601, UTC, with milliseconds.", example: "2026-04-09T08:10:00.000Z")
}

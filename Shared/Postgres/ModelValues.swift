import JSON
import Models

extension Identifier: PostgresValue, PostgresReadable {
    /// The id's text.
    package var postgresText: String? { rawValue }

    /// Any text.
    package init?(postgresBytes: UnsafeBufferPointer<UInt8>) {
        self.init(String(decoding: postgresBytes, as: UTF8.self))
    }
}

extension Timestamp: PostgresValue, PostgresReadable {
    /// ISO-8601 with milliseconds and `Z`.
    package var postgresText: String? { description }

    /// A `timestamptz`, rounded down to milliseconds; infinities are refused.
    package init?(postgresBytes: UnsafeBufferPointer<UInt8>) {
        guard let milliseconds = TimestampText.milliseconds(of: postgresBytes) else { return nil }
        self.init(milliseconds: milliseconds)
    }
}

extension JSON: PostgresValue, PostgresReadable {
    /// JSON text; SQL's NULL is nil, not `.null`.
    package var postgresText: String? { text }

    /// A `json` or `jsonb`.
    package init?(postgresBytes: UnsafeBufferPointer<UInt8>) {
        guard let value = try? JSON(parsing: Array(postgresBytes)) else { return nil }
        self = value
    }
}

/// How much a line matters; lines below the configured level are not even formatted.
package enum LogLevel: String, Sendable, Comparable, CaseIterable {
    /// What happens, step by step; off in production.
    case debug
    /// What an operator wants to find when looking back.
    case info
    /// Something went wrong and the process helps itself.
    case warning
    /// Something went wrong and somebody has to look.
    case error

    /// From the chattiest to the gravest.
    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// What a line says besides its message, by name: numbers and truth values are written as such, all else as text.
package typealias LogFields = KeyValuePairs<String, any CustomStringConvertible & Sendable>

/// One line of the log as JSON text.
struct LogLine {
    private static let longestText = 4096
    private static let longestLine = 16384
    private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

    init(
        time: String, level: LogLevel, service: String, instance: String, message: String, requestId: String?,
        fields: LogFields
    ) {
        append("time", time)
        append("level", level.rawValue)
        append("service", service)
        append("instance", instance)
        append("message", message)
        if let requestId { append("requestId", requestId) }
        if !fields.isEmpty {
            appendName("fields")
            bytes.append(UInt8(ascii: "{"))
            for (name, value) in fields where bytes.count < Self.longestLine { append(name, value) }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += "}\n".utf8
    }

    private mutating func append(_ name: String, _ value: any CustomStringConvertible) {
        appendName(name)
        switch value {
        case let number as any FixedWidthInteger: bytes += String(describing: number).utf8
        case let number as Double where number.isFinite: bytes += String(describing: number).utf8
        case let truth as Bool: bytes += String(describing: truth).utf8
        default: appendText(value.description)
        }
    }

    private mutating func appendName(_ name: String) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        appendText(name)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func appendText(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var written = 0
        for scalar in text.unicodeScalars {
            guard written < Self.longestText else {
                bytes += "…".utf8
                break
            }
            let before = bytes.count
            switch scalar {
            case "\"", "\\": bytes += [UInt8(ascii: "\\"), UInt8(scalar.value)]
            case "\n": bytes += "\\n".utf8
            case "\t": bytes += "\\t".utf8
            case "\r": bytes += "\\r".utf8
            // Terminals obey C1 controls, and some readers end a line at U+2028 and U+2029.
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            default: bytes += UTF8.encode(scalar)!
            }
            written += bytes.count - before
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

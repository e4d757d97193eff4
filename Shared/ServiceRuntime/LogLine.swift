import JSON

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
    private static let mostFields = 32
    let bytes: [UInt8]

    init(
        time: String, level: LogLevel, service: String, instance: String, message: String, requestId: String?,
        trace: TraceContext? = nil, fields: LogFields
    ) {
        var line: JSONObject = [
            "time": .string(time), "level": .string(level.rawValue), "service": .string(service),
            "instance": .string(instance), "message": .string(Self.clean(message)),
        ]
        if let requestId { line["requestId"] = .string(Self.clean(requestId)) }
        if let trace { line["traceId"] = .string(String(trace.traceId)) }
        if !fields.isEmpty {
            let members = fields.prefix(Self.mostFields).map { (Self.clean($0.key), Self.json($0.value)) }
            line["fields"] = .object(JSONObject(members))
        }
        bytes = JSON.object(line).serialized() + [UInt8(ascii: "\n")]
    }

    private static func json(_ value: any CustomStringConvertible) -> JSON {
        switch value {
        case let number as any BinaryInteger: .number(number)
        case let number as Double:
            JSONNumber(lexeme: String(describing: number)).map(JSON.number) ?? .string("\(number)")
        case let truth as Bool: .bool(truth)
        default: .string(clean(value.description))
        }
    }

    /// `text` without what JSON lets through and terminals obey or readers take for the end of a line, and not longer
    /// than a line of a log should be.
    private static func clean(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        var length = 0
        for scalar in text.unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= longestText else {
                clean.append("…")
                break
            }
            switch scalar {
            case "\u{0}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}": clean.append("\u{fffd}")
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }
}

import Models
import Synchronization

/// The process' log: one JSON object per line on standard error. Callable from anywhere, never blocks, never fails.
///
/// A line of a traced request carries the trace's id beside the request's. Texts are escaped and cut at 4 KiB. Never pass a credential: wrap it in ``Secret`` where it is read.
package enum Log {
    private struct Identity {
        var service = ""
        var instance = ""
    }

    private static let identity = Mutex(Identity())
    private static let threshold = Atomic<Int>(1)

    /// Names the process in every later line and sets the lowest level that is written.
    static func configure(service: String, instance: String, level: LogLevel) {
        identity.withLock { $0 = Identity(service: service, instance: instance) }
        threshold.store(LogLevel.allCases.firstIndex(of: level)!, ordering: .relaxed)
    }

    /// Whether lines of `level` are written at all; ask before computing something expensive to log.
    package static func isEnabled(_ level: LogLevel) -> Bool {
        LogLevel.allCases[threshold.load(ordering: .relaxed)] <= level
    }

    /// Writes a line of level `debug`; the arguments are not evaluated unless it is enabled.
    package static func debug(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:], requestId: String? = nil
    ) {
        if isEnabled(.debug) { write(.debug, message(), fields(), requestId) }
    }

    /// Writes a line of level `info`.
    package static func info(_ message: String, _ fields: LogFields = [:], requestId: String? = nil) {
        if isEnabled(.info) { write(.info, message, fields, requestId) }
    }

    /// Writes a line of level `warning`.
    package static func warning(_ message: String, _ fields: LogFields = [:], requestId: String? = nil) {
        if isEnabled(.warning) { write(.warning, message, fields, requestId) }
    }

    /// Writes a line of level `error`.
    package static func error(_ message: String, _ fields: LogFields = [:], requestId: String? = nil) {
        write(.error, message, fields, requestId)
    }

    /// How many lines were dropped because standard error was not read.
    static var dropped: Int { LogWriter.standardError.dropped }

    /// Waits for the last lines to leave the process, at most a second.
    static func flush() { LogWriter.standardError.flush(timeout: .seconds(1)) }

    private static func write(_ level: LogLevel, _ message: String, _ fields: LogFields, _ requestId: String?) {
        let identity = identity.withLock { $0 }
        let line = LogLine(
            time: Timestamp.now().description, level: level, service: identity.service, instance: identity.instance,
            message: message, requestId: requestId, trace: .current, fields: fields)
        LogWriter.standardError.append(line.bytes)
    }
}

/// Why a command has no answer.
package enum RedisError: Error, Equatable, Sendable {
    /// There is no connection, or it was lost before the answer came: a command that was already sent may have run.
    case unavailable
    /// No answer in time; the command may have run or may still run.
    case deadline
    /// As many commands are outstanding, or as many bytes unsent, as the connection holds; nothing was sent.
    case overloaded
    /// Redis answered with this error, for example `NOSCRIPT …` or `OOM …`.
    case refused(String)
}

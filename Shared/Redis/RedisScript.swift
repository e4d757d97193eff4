import EventLoop

/// A Lua script that Redis runs atomically, sent by its digest once the server knows it.
///
/// Keep one value per script for the life of the process: it remembers the digest.
@Loop package final class RedisScript {
    private let source: String
    private var digest: String?

    /// A script of this source.
    package nonisolated init(_ source: String) { self.source = source }

    /// Runs the script, for at most `deadline` (default: the connection's); `KEYS` and `ARGV` are as given.
    ///
    /// A server that has forgotten the script (restart, `SCRIPT FLUSH`) is sent the source: `NOSCRIPT` means that
    /// nothing ran, so nothing runs twice.
    package func run(
        on connection: RedisConnection, keys: [RedisArgument], arguments: [RedisArgument] = [],
        deadline: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        let operands = [.integer(Int64(keys.count))] + keys + arguments
        if let digest {
            do {
                return try await connection.send(["EVALSHA", .string(digest)] + operands, deadline: deadline)
            } catch .refused(let message) where message.hasPrefix("NOSCRIPT") {
                return try await connection.send(["EVAL", .string(source)] + operands, deadline: deadline)
            }
        }
        connection.send(["SCRIPT", "LOAD", .string(source)]) { [weak self] in
            if case .success(let value) = $0 { self?.digest = value.string }
        }
        return try await connection.send(["EVAL", .string(source)] + operands, deadline: deadline)
    }
}

import EventLoop
import Foundation
import Redis

/// A private redis-server on a unix socket in a short temporary directory; it dies with the test process.
@Loop package final class RedisServer {
    /// Where the server listens.
    package let url: RedisURL
    private let directory: String
    private let options: [String]
    private var process: pid_t = 0

    /// Starts a server with further command line options, runs `body`, and stops the server.
    package static func run<Value>(
        options: [String] = [], _ body: @Loop (RedisServer) async throws -> Value
    ) async throws -> Value {
        let server = try RedisServer(options: options)
        do {
            try await server.start()
            let value = try await body(server)
            try await server.remove()
            return value
        } catch {
            try await server.remove()
            throw error
        }
    }

    private init(options: [String]) throws {
        var template = Array("/tmp/redis-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        url = RedisURL(.unix(path: directory + "/s"))
        self.options = options
    }

    /// Starts the server, empty, and waits until it answers.
    package func start() async throws {
        process = try spawn(
            [
                "setpriv", "--pdeathsig", "KILL", "redis-server", "--port", "0", "--unixsocket", directory + "/s",
                "--dir", directory, "--save", "", "--appendonly", "no", "--logfile", directory + "/log",
            ] + options)
        let probe = RedisConnection(url)
        defer { probe.close() }
        guard await eventually({ probe.isConnected ? true : nil }) != nil else { throw StartFailure() }
    }

    /// Kills the server at once; what it held is gone.
    package func stop() async throws {
        guard process != 0 else { return }
        let stopped = process
        process = 0
        kill(stopped, SIGKILL)
        _ = try await Loop.offload { waitpid(stopped, nil, 0) }
    }

    /// Stops the server without ending it: connections stay open and nothing is answered.
    package func suspend() { kill(process, SIGSTOP) }

    /// Lets a suspended server go on.
    package func resume() { kill(process, SIGCONT) }

    private func remove() async throws {
        try await stop()
        try FileManager.default.removeItem(atPath: directory)
    }

    private func spawn(_ arguments: [String]) throws -> pid_t {
        var process: pid_t = 0
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let code = posix_spawnp(&process, pointers[0]!, nil, nil, &pointers, environ)
        guard code == 0 else { throw SystemCallError("posix_spawnp", code: code) }
        return process
    }

    private struct StartFailure: Error {}
}

import EventLoop
import Foundation
import Synchronization

/// The files and the process behind ``PostgresServer``.
@Loop final class PostgresCluster {
    let directory: String
    private var server: Process?
    nonisolated static let binaries = "/usr/lib/postgresql/15/bin"
    private nonisolated static let leftovers = Mutex<[String: Int32]>([:])

    private init(directory: String) { self.directory = directory }

    var url: URLComponents {
        var components = URLComponents()
        components.scheme = "postgresql"
        components.user = "postgres"
        components.host = ""
        components.path = "/postgres"
        components.queryItems = [URLQueryItem(name: "host", value: directory)]
        return components
    }

    /// Creates the files; the directory name holds the process id, so that what a killed test run has left behind is
    /// removed by the next one.
    static func create() async throws -> PostgresCluster {
        let directory = try await Loop.offload {
            removeAbandoned()
            var template = Array("/tmp/ebon-pg-\(getpid())-XXXXXX".utf8CString)
            guard let created = mkdtemp(&template) else { return "" }
            let directory = String(cString: created)
            leftovers.withLock {
                if $0.isEmpty { atexit { PostgresCluster.removeLeftovers() } }
                $0[directory] = 0
            }
            _ = run("/bin/chown", ["postgres", directory])
            let initialize = [
                "\(binaries)/initdb", "-D", "\(directory)/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--locale=C.UTF-8", "--no-sync", "--no-instructions",
            ]
            return run(demote + initialize, output: FileHandle.nullDevice) == 0 ? directory : ""
        }
        guard !directory.isEmpty else { throw SystemCallError("initdb", code: EIO) }
        return PostgresCluster(directory: directory)
    }

    /// Called on the loop's thread, which never ends: the server gets a signal when its parent thread does.
    func start() throws {
        let server = Process()
        let settings = [
            "fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200",
            "unix_socket_directories=\(directory)", "shared_buffers=64MB", "log_min_messages=fatal",
        ]
        let command = Self.demote + ["\(Self.binaries)/postgres", "-D", "\(directory)/data"]
        server.executableURL = URL(fileURLWithPath: command[0])
        server.arguments = Array(command.dropFirst()) + settings.flatMap { ["-c", $0] }
        server.standardInput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        self.server = server
        Self.leftovers.withLock { $0[directory] = server.processIdentifier }
    }

    /// An immediate stop: the server recovers at its next start.
    func stop() {
        server?.interrupt()
        if let server { kill(server.processIdentifier, SIGQUIT) }
        server?.waitUntilExit()
        server = nil
    }

    /// Runs a command to its end and returns its exit status. It blocks: call it on the offload pool.
    nonisolated static func run(
        _ path: String, _ arguments: [String], _ environment: [String: String] = [:], output: FileHandle? = nil
    ) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let output { process.standardOutput = output }
        do {
            try process.run()
        } catch {
            return -1
        }
        process.waitUntilExit()
        return process.terminationStatus
    }

    private nonisolated static func run(_ command: [String], output: FileHandle) -> Int32 {
        run(command[0], Array(command.dropFirst()), output: output)
    }

    /// PostgreSQL refuses to run as root.
    private nonisolated static var demote: [String] {
        let identity = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        return ["/usr/bin/setpriv"] + (getuid() == 0 ? identity : []) + ["--pdeathsig", "QUIT"]
    }

    private nonisolated static func removeLeftovers() {
        for (directory, process) in leftovers.withLock({ $0 }) {
            if process > 0 { kill(process, SIGQUIT) }
            // The server writes until it is gone.
            for _ in 0..<200 where FileManager.default.fileExists(atPath: directory) {
                if (try? FileManager.default.removeItem(atPath: directory)) == nil { usleep(10_000) }
            }
        }
    }

    private nonisolated static func removeAbandoned() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
        for name in names where name.hasPrefix("ebon-pg-") {
            guard let process = Int32(name.split(separator: "-")[2]), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            try? FileManager.default.removeItem(atPath: "/tmp/\(name)")
        }
    }
}

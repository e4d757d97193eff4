import EventLoop
import Foundation
import JSON
import Redis

/// A whole system of real processes in a folder of its own, started by `deploy/local/stack` with this build's
/// executables; it ends with the test process at the latest.
@Loop package final class Stack {
    /// What differs from the default stack.
    package struct Options: Sendable {
        /// The number of replicas by service; 0 leaves a service out.
        package var scale: [String: Int]
        /// Further variables of every service's environment.
        package var environment: [String: String]
        /// True starts a virtual device for ``StackVariables/device``.
        package var device: Bool

        /// One replica of everything, limits that no test meets by accident, and no virtual device.
        package init(
            scale: [String: Int] = [:],
            environment: [String: String] = [
                "RATE_LIMIT_GLOBAL": "1000000/600", "RATE_LIMIT_AUTH": "1000000/600",
                "RATE_LIMIT_COMMANDS": "1000000/600",
            ],
            device: Bool = false
        ) {
            self.scale = scale
            self.environment = environment
            self.device = device
        }
    }

    /// Why the stack did not do what it was told.
    package enum Failure: Error {
        /// `deploy/local/stack` refused; the text is what it printed.
        case refused(String)
        /// The process does not run.
        case notRunning(String)
        /// The process did not become ready; the text is the end of its log.
        case notReady(String, log: String)
    }

    /// The addresses and secrets of the demonstration organization.
    package let variables: StackVariables
    /// Where the stack lives: `log/`, `mail/`, `device/`.
    package let directory: URL
    private let options: Options
    private var ended: [String: String] = [:]

    /// Starts a stack, runs `body`, and stops it, whether or not `body` throws.
    package static func run<Value>(
        _ options: Options = Options(), _ body: @Loop (Stack) async throws -> Value
    ) async throws -> Value {
        let stack = try await start(options)
        do {
            let value = try await body(stack)
            try await stack.stop()
            return value
        } catch {
            try await stack.stop()
            throw error
        }
    }

    /// Starts a stack on a free port and waits until everything is ready.
    package static func start(_ options: Options = Options()) async throws -> Stack {
        var template = Array("/tmp/ebon-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp") }
        let directory = URL(filePath: template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
        chmod(directory.path, 0o755)
        do {
            try await command(arguments(options), in: directory)
            return Stack(
                directory: directory, variables: try StackVariables(file: directory.appending(path: "demo.env")),
                options: options)
        } catch {
            try await command(["down", "--now", "--remove"], in: directory)
            throw error
        }
    }

    private init(directory: URL, variables: StackVariables, options: Options) {
        self.directory = directory
        self.variables = variables
        self.options = options
    }

    private static func arguments(_ options: Options) -> [String] {
        var arguments = [
            "up", "--quiet", "--fast", "--port", "0", "--owner", "\(getpid())", "--build", executables.path,
        ]
        arguments += options.scale.flatMap { ["--scale", "\($0.key)=\($0.value)"] }
        arguments += options.environment.flatMap { ["--env", "\($0.key)=\($0.value)"] }
        if !options.device { arguments.append("--no-device") }
        return arguments
    }

    /// Starts one virtual device process that plays all of `devices`, which must exist in the demonstration
    /// organization; returns when each of them has been connected.
    package func startDevices(_ devices: [String], environment: [String: String] = [:]) async throws {
        var options = options
        options.device = true
        options.environment["VIRTUAL_DEVICE_ID"] = devices.joined(separator: ",")
        options.environment.merge(environment) { $1 }
        try await Self.command(Self.arguments(options), in: directory)
    }

    /// Ends every process at once and removes the folder.
    package func stop() async throws { try await Self.command(["down", "--now", "--remove"], in: directory) }

    /// Sends a signal to a process, without the supervisor's knowledge; it is started again if it dies.
    ///
    /// Names are those of `stack status`: `gateway`, `gateway-2`, `postgres`, `redis`, `mail`, `virtual-device`.
    package func kill(_ name: String, _ signal: Int32 = SIGKILL) throws {
        guard let identity = identity(of: name), let pid = pid(in: identity) else { throw Failure.notRunning(name) }
        if signal != SIGSTOP, signal != SIGCONT { ended[name] = identity }
        guard Glibc.kill(pid, signal) == 0 else { throw SystemCallError("kill") }
    }

    /// Waits until a service that was killed is there again, and ready.
    package func waitReady(_ name: String, within deadline: Duration = .seconds(20)) async throws {
        let ready: Bool? = await eventually(within: deadline) { isReady(name) ? true : nil }
        guard ready != nil else { throw Failure.notReady(name, log: log(name)) }
        ended[name] = nil
    }

    /// Stops a process, starts it with the secrets as they are now, and waits until it is ready.
    package func restart(_ name: String) async throws { try await Self.command(["restart", name], in: directory) }

    /// Restarts Redis, which forgets everything; returns when it answers.
    package func restartRedisEmpty() async throws { try await restart("redis") }

    /// One of the secrets that the services sign and check with; two values are `first,second`. A service takes a new
    /// one when it is restarted.
    package func secret(_ name: String) throws -> String { try StackVariables(file: secrets)[name] }

    /// Changes a secret for the services that are restarted from now on.
    package func setSecret(_ name: String, _ value: String) throws {
        let lines = try String(contentsOf: secrets, encoding: .utf8).split(separator: "\n")
        let changed = lines.map { $0.hasPrefix("\(name)=") ? "\(name)=\(value)" : String($0) }
        try changed.joined(separator: "\n").write(to: secrets, atomically: true, encoding: .utf8)
    }

    private var secrets: URL { directory.appending(path: "secrets.env") }

    /// Redis' address and the password of one of the users that the deployment has too: a service, or `operator`.
    package func redisURL(of user: String) throws -> RedisURL {
        let password = try secret("REDIS_PASSWORD_\(user.uppercased().replacing("-", with: "_"))")
        return RedisURL(try RedisURL(parsing: variables.redisURL).address, user: user, password: password)
    }

    /// Makes another organization with its own key, owner and two devices.
    package func makeOrganization(_ organization: String, plan: String = "enterprise") async throws -> StackVariables {
        try await Self.command(["demo-org", organization, "--plan", plan], in: directory)
        return try StackVariables(file: directory.appending(path: "\(organization).env"))
    }

    /// What a process has printed so far; empty when there is no such process.
    package func log(_ name: String) -> String {
        (try? String(contentsOf: directory.appending(path: "log/\(name).log"), encoding: .utf8)) ?? ""
    }

    /// The port that a service announced: `port` for its clients, `internalPort` for health and metrics.
    package func port(of name: String, _ kind: String = "internalPort") -> Int? {
        guard let text = try? Data(contentsOf: directory.appending(path: "ready/\(name).json")),
            let announced = try? JSON(parsing: Array(text))
        else { return nil }
        guard case .number(let number) = announced[kind], let port = number.integer else { return nil }
        return Int(port)
    }

    /// The number of a process that runs; nil when it does not.
    package func pid(of name: String) -> pid_t? { identity(of: name).flatMap(pid(in:)) }

    private func isReady(_ name: String) -> Bool {
        guard let identity = identity(of: name), identity != ended[name] else { return false }
        return port(of: name, "pid").map(Int32.init) == pid(in: identity)
    }

    /// The process number and its start time, as the supervisor wrote them down.
    private func identity(of name: String) -> String? {
        try? String(contentsOf: directory.appending(path: "pid/\(name)"), encoding: .utf8)
    }

    private func pid(in identity: String) -> pid_t? { identity.split(separator: " ").first.flatMap { pid_t($0) } }

    private static var executables: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }

    private static func command(_ arguments: [String], in directory: URL) async throws {
        let repository = URL(filePath: #filePath).appending(path: "../../..").standardized
        let script = repository.appending(path: "deploy/local/stack")
        let arguments = arguments + ["--dir", directory.path]
        let refusal: String? = try await Loop.offload { Self.refusal(of: script, arguments) }
        if let refusal { throw Failure.refused(refusal) }
    }

    private nonisolated static func refusal(of script: URL, _ arguments: [String]) -> String? {
        let process = Process()
        let output = Pipe()
        process.executableURL = script
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        do { try process.run() } catch { return "\(script.path): \(error)" }
        let text = (try? output.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? nil : String(decoding: text, as: UTF8.self)
    }
}

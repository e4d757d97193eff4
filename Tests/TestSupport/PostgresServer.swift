import EventLoop
import Foundation
import Postgres

/// A PostgreSQL server of this test process's own, in a short temporary directory and without fsync; or the one that
/// `EBON_TEST_POSTGRES` names by the URL of a superuser. It is stopped and removed when the process ends.
@Loop package final class PostgresServer {
    private static var started: Task<PostgresServer, any Error>?

    /// A superuser's pool on the maintenance database.
    package let administrator: PostgresPool
    private let cluster: PostgresCluster?
    private let base: URLComponents
    private var counter = 0
    private var templates: [String: Task<String, any Error>] = [:]

    /// The process's server, started at the first call.
    package static func shared() async throws -> PostgresServer {
        if let started { return try await started.value }
        let task = Task { @Loop in try await PostgresServer(external: environmentURL()) }
        started = task
        return try await task.value
    }

    /// Another server with a life of its own, for tests that stop it.
    package static func separate() async throws -> PostgresServer { try await PostgresServer(external: nil) }

    private static func environmentURL() -> String? { ProcessInfo.processInfo.environment["EBON_TEST_POSTGRES"] }

    private init(external: String?) async throws {
        if let external {
            cluster = nil
            base = URLComponents(string: external) ?? URLComponents()
        } else {
            let cluster = try await PostgresCluster.create()
            self.cluster = cluster
            base = cluster.url
        }
        var configuration = PostgresConfiguration(url: base.string ?? "", applicationName: "test administrator")
        configuration.connectionLimit = 2
        configuration.statementDeadline = .seconds(60)
        configuration.acquireDeadline = .seconds(60)
        administrator = PostgresPool(configuration)
        try cluster?.start()
        try await waitUntilReady()
    }

    /// The superuser's URL of a database of this server.
    package func url(of database: String, role: String? = nil) -> String {
        var components = base
        components.path = "/\(database)"
        if let role { components.user = role }
        return components.string ?? ""
    }

    /// Creates an empty database, or a copy of `template`, and returns its name.
    package func createDatabase(template: String = "template0") async throws -> String {
        counter += 1
        let name = "test_\(getpid())_\(counter)"
        _ = try await administrator.query(Statement("CREATE DATABASE \(name) TEMPLATE \(template)"))
        return name
    }

    /// Creates a copy of a database that `prepare` has filled once per process and `key`; returns its name.
    package func createDatabase(
        preparedAs key: String, _ prepare: @escaping @Loop (String) async throws -> Void
    ) async throws -> String {
        if templates[key] == nil {
            templates[key] = Task { @Loop in
                let name = try await self.createDatabase()
                try await prepare(name)
                try await self.terminateBackends(of: name)
                return name
            }
        }
        guard let template = templates[key] else { return "" }
        return try await createDatabase(template: template.value)
    }

    /// Creates a database to which the repository's migrations have been applied; returns its name.
    package func createMigratedDatabase() async throws -> String {
        try await createDatabase(preparedAs: "migrated") { name in
            let url = self.url(of: name)
            let status = try await Loop.offload { PostgresCluster.run(Self.migrator, [], ["DATABASE_URL": url]) }
            guard status == 0 else { throw PostgresError.unavailable("the migrator ended with \(status)") }
        }
    }

    /// Restores a backup of a database into an empty one, as deploy/README.md has it; returns its name.
    package func restoreBackup(of database: String) async throws -> String {
        let restored = try await createDatabase()
        let file = FileManager.default.temporaryDirectory.appending(path: "\(restored).dump").path
        let (from, to) = (url(of: database), url(of: restored))
        let statuses = try await Loop.offload {
            defer { unlink(file) }
            return [
                PostgresCluster.run("\(PostgresCluster.binaries)/pg_dump", ["-Fc", "-f", file, "-d", from]),
                PostgresCluster.run(
                    "\(PostgresCluster.binaries)/pg_restore", ["--single-transaction", "-d", to, file]),
            ]
        }
        guard statuses == [0, 0] else { throw PostgresError.unavailable("backup and restore ended with \(statuses)") }
        return restored
    }

    /// A pool on a database of this server, as the superuser unless a role is given.
    package func pool(
        _ database: String, role: String? = nil, _ adjust: (inout PostgresConfiguration) -> Void = { _ in }
    ) -> PostgresPool {
        var configuration = PostgresConfiguration(url: url(of: database, role: role), applicationName: "test")
        configuration.connectionLimit = 4
        adjust(&configuration)
        return PostgresPool(configuration)
    }

    /// Ends every backend of a database, as an administrator or a fail-over would, and waits until they are gone.
    package func terminateBackends(of database: String) async throws {
        let others: Statement = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1"
        _ = try await administrator.query(others, [database])
    }

    /// Stops the server at once, as a crash would.
    package func stop() { cluster?.stop() }

    /// Starts it again and waits until it answers.
    package func start() async throws {
        try cluster?.start()
        try await waitUntilReady()
    }

    private func waitUntilReady() async throws {
        let answer = await eventually(within: .seconds(30)) { try? await self.administrator.query("SELECT 1") }
        guard answer != nil else { throw PostgresError.unavailable("the test server does not start") }
    }

    private nonisolated static let migrator = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("Migrator").path
}

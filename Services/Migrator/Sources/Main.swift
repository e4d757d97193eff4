import EventLoop
import Glibc
import Postgres
import ServiceRuntime

/// Runs once and ends: 0 when the database is as it should be, 1 when it is not, 78 when the environment is wrong.
@main struct Main {
    static func main() async {
        do {
            let config = try Config.read()
            if !CommandLine.arguments.contains("--check-config") { try await migrate(config) }
        } catch let error as ConfigurationError {
            end(78, "wrong configuration: \(error)")
        } catch {
            end(1, "\(error)")
        }
        end(0, nil)
    }

    @Loop private static func migrate(_ config: Config) async throws {
        var configuration = PostgresConfiguration(url: config.databaseURL.revealed, applicationName: "migrator")
        configuration.connectionLimit = 1
        // The server may be starting; and a big table takes its time.
        configuration.acquireDeadline = .seconds(30)
        configuration.statementDeadline = .seconds(600)
        let migrator = Migrator(pool: PostgresPool(configuration)) { print($0) }
        let passwords = config.passwords.mapValues(\.revealed)
        // What a backup is restored into has to have the roles, and nothing else yet.
        guard !CommandLine.arguments.contains("--roles") else {
            return try await migrator.makeRoles(passwords: passwords)
        }
        try await migrator.run(Migration.all(below: config.base), passwords: passwords)
        try await migrator.adoptRestored()
    }

    private static func end(_ code: Int32, _ problem: String?) -> Never {
        fflush(nil)
        if let problem {
            let line = "migrator: \(problem)\n"
            _ = write(STDERR_FILENO, line, line.utf8.count)
        }
        _exit(code)
    }
}

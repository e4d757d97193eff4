import EventLoop
import Postgres

/// Applies what is missing. Several migrators may run at once: each step takes the same advisory lock and then looks
/// whether it is still to be done.
@Loop struct Migrator {
    /// The file differs from what was applied under its name.
    struct ChangedMigration: Error, CustomStringConvertible {
        let name: String
        var description: String { "\(name) has been changed since it was applied: add another file instead" }
    }

    let pool: PostgresPool
    let report: (String) -> Void

    /// Makes the database match `migrations`.
    func run(_ migrations: [Migration], passwords: [String: String]) async throws {
        try await makeRoles(passwords: passwords)
        try await underLock { try await prepare($0) }
        var count = 0
        for migration in migrations where try await apply(migration) { count += 1 }
        report(count == 0 ? "nothing to apply, \(migrations.count) files are in place" : "applied \(count) files")
    }

    /// Makes the services' roles, which a backup of the database does not hold.
    func makeRoles(passwords: [String: String]) async throws {
        try await underLock { transaction in
            for role in Role.all { try await create(role, password: passwords[role.name], transaction) }
        }
    }

    /// Makes what was restored from a backup fit to go on from; the services must not run yet.
    func adoptRestored() async throws {
        let isRestored = try await underLock { transaction in
            guard try await transaction.query("SELECT bus.adopt_restored() AS done")[0].bool("done") else {
                return false
            }
            _ = try await transaction.query("SELECT dispatch.adopt_restored()")
            return true
        }
        if isRestored { report("what was restored from a backup has been adopted") }
    }

    private func prepare(_ transaction: PostgresTransaction) async throws {
        _ = try await transaction.queries([
            ("CREATE SCHEMA IF NOT EXISTS migrator", []),
            (
                """
                CREATE TABLE IF NOT EXISTS migrator.applied (
                    name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz(3) NOT NULL DEFAULT now())
                """, []
            ),
        ])
    }

    /// True when it was applied just now.
    private func apply(_ migration: Migration) async throws -> Bool {
        try await underLock { transaction in
            let known = try await transaction.query(
                "SELECT sha256 FROM migrator.applied WHERE name = $1", [migration.name])
            if let row = known.first {
                guard try row.string("sha256") == migration.digest else {
                    throw ChangedMigration(name: migration.name)
                }
                return false
            }
            report("applying \(migration.name)")
            _ = try await transaction.query(script(migration))
            _ = try await transaction.query(
                "INSERT INTO migrator.applied (name, sha256) VALUES ($1, $2)", [migration.name, migration.digest])
            return true
        }
    }

    /// The file as one statement: the protocol takes one at a time, and `EXECUTE` takes a whole script.
    private func script(_ migration: Migration) -> Statement {
        let file = "$file_\(migration.digest)$"
        let block = "$block_\(migration.digest)$"
        return Statement("DO \(block) BEGIN EXECUTE \(file)\(migration.sql)\(file); END \(block)")
    }

    /// Roles belong to the whole server, beyond the reach of this database's lock: what is in place is left alone, and
    /// what another database's migrator has just done at the same time is not an error.
    private func create(_ role: Role, password: String?, _ transaction: PostgresTransaction) async throws {
        _ = try await transaction.query(
            Statement(
                """
                DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(role.name)') THEN
                        CREATE ROLE \(role.name) LOGIN;
                    END IF;
                    \(role.settings.map { set($0, of: role) }.joined(separator: "\n"))
                EXCEPTION WHEN duplicate_object OR unique_violation OR internal_error THEN
                    NULL;
                END $$
                """))
        guard let password else { return }
        // ALTER ROLE takes no parameters, so the server itself quotes the text.
        let text = try await transaction.query(
            "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text) AS text", [role.name, password])
        _ = try await transaction.query(Statement(try text[0].string("text")))
    }

    private func set(_ setting: (name: String, value: String), of role: Role) -> String {
        """
        IF NOT EXISTS (SELECT FROM pg_roles
            WHERE rolname = '\(role.name)' AND '\(setting.name)=\(setting.value)' = ANY (rolconfig)) THEN
            ALTER ROLE \(role.name) SET \(setting.name) = \(setting.value);
        END IF;
        """
    }

    private func underLock<Value>(
        _ body: @Loop (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await pool.transaction { transaction in
            _ = try await transaction.query("SELECT pg_advisory_xact_lock(hashtext('ebon migrator'))")
            return try await body(transaction)
        }
    }
}

import EventLoop
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("The migrator") @Loop struct MigratorTests {
    private let table = Migration(name: "Bus/001.sql", sql: "CREATE TABLE t (a int); INSERT INTO t VALUES (1);")

    private func withDatabase(_ body: @Loop (Migrator, PostgresPool) async throws -> Void) async throws {
        let server = try await PostgresServer.shared()
        let pool = try await server.pool(server.createDatabase())
        try await body(Migrator(pool: pool) { _ in }, pool)
        await pool.close()
    }

    @Test("applies a file once, with all its statements")
    func once() async throws {
        try await withDatabase { migrator, pool in
            for _ in 1...2 { try await migrator.run([table], passwords: [:]) }
            #expect(try await pool.query("SELECT a FROM t").count == 1)
        }
    }

    @Test("applies a file once also when two migrators run at the same time")
    func concurrently() async throws {
        try await withDatabase { migrator, pool in
            let runs = (1...3).map { _ in Task { @Loop in try await migrator.run([table], passwords: [:]) } }
            for run in runs { try await run.value }
            #expect(try await pool.query("SELECT a FROM t").count == 1)
        }
    }

    @Test("refuses a file that has been changed since")
    func changed() async throws {
        try await withDatabase { migrator, _ in
            try await migrator.run([table], passwords: [:])
            await #expect(throws: Migrator.ChangedMigration.self) {
                try await migrator.run([Migration(name: table.name, sql: table.sql + " ")], passwords: [:])
            }
        }
    }

    @Test("leaves nothing of a file that fails, and everything before it")
    func failing() async throws {
        try await withDatabase { migrator, pool in
            let wrong = Migration(name: "Bus/002.sql", sql: "CREATE TABLE u (a int); SELECT * FROM missing;")
            await #expect(throws: PostgresError.server(code: "42P01", message: "relation \"missing\" does not exist")) {
                try await migrator.run([table, wrong], passwords: [:])
            }
            let tables = try await pool.query("SELECT tablename FROM pg_tables WHERE tablename IN ('t', 'u')")
            #expect(try tables.map { try $0.string("tablename") } == ["t"])
        }
    }

    @Test("gives a role its password, whatever characters it has")
    func password() async throws {
        try await withDatabase { migrator, pool in
            try await migrator.run([], passwords: ["ebon_mailer": "it's $1 \\ \"x\""])
            let row = try await pool.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'ebon_mailer'")[0]
            #expect(try row.string("rolpassword").hasPrefix("SCRAM-SHA-256$"))
        }
    }

    @Test("finds every directory of the repository that holds migrations")
    func directories() throws {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let services = try FileManager.default.contentsOfDirectory(atPath: repository.appending(path: "Services").path)
        let holders = services.filter {
            FileManager.default.fileExists(atPath: repository.appending(path: "Services/\($0)/Migrations").path)
        }
        #expect(Set(holders.map { "Services/\($0)" }).isSubset(of: Migration.directories))
        #expect(try Migration.all(below: repository).first?.name == "Bus/001_outbox.sql")
    }

    @Test("makes a database in which a service can write events and cannot take them back")
    func privileges() async throws {
        let server = try await PostgresServer.shared()
        let database = try await server.createMigratedDatabase()
        let pool = server.pool(database, role: "ebon_alerts")
        _ = try await pool.query(
            "INSERT INTO bus.outbox (event_id, org_id, type, data) VALUES ('evt_1', 'acme', 'device.alert', '{}')")
        for statement: Statement in ["DELETE FROM bus.outbox", "SELECT * FROM org.users", "CREATE TABLE public.x ()"] {
            await #expect { try await pool.query(statement) } throws: { error in
                guard case .server(code: "42501", _)? = error as? PostgresError else { return false }
                return true
            }
        }
        #expect(try await pool.query("SELECT bus.expire(10) AS n")[0].int("n") == 0)
        #expect(try await pool.query("SHOW search_path")[0].string("search_path") == "alerts")
        await pool.close()
    }
}

import EventLoop
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("An upgrade") @Loop struct UpgradeTests {
    @Test("goes file by file over a database that is in use, loses nothing, and leaves the first release its writes")
    func steps() async throws {
        let server = try await PostgresServer.shared()
        let pool = server.pool(try await server.createDatabase())
        let migrator = Migrator(pool: pool) { _ in }
        let repository = URL(filePath: #filePath).appending(path: "../../..").standardized
        let all = try Migration.all(below: repository)
        try await migrator.run(all.filter(isOfFirstRelease), passwords: [:])
        try await FirstRelease.write(0, into: pool)
        var counts = try await rows(pool)
        #expect(counts.filter { $0.value == 0 } == [:], "the first release writes all of its tables")
        for (number, migration) in all.filter({ !isOfFirstRelease($0) }).enumerated() {
            try await migrator.run([migration], passwords: [:])
            let kept = try await rows(pool)
            #expect(counts.filter { kept[$0.key] != $0.value } == [:], "\(migration.name)")
            try await FirstRelease.write(number + 1, into: pool)
            counts = try await rows(pool)
        }
        #expect(try await columns(pool) == columns(Catalogue.shared().database))
        await pool.close()
    }

    @Test("knows events that have come from another cluster, and its own", arguments: [true, false])
    func cluster(isRestored: Bool) async throws {
        let server = try await PostgresServer.shared()
        let pool = server.pool(try await server.createDatabase())
        var reports: [String] = []
        let migrator = Migrator(pool: pool) { reports.append($0) }
        let all = try Migration.all(below: URL(filePath: #filePath).appending(path: "../../..").standardized)
        let last = try #require(all.first { $0.name.hasSuffix("/005_origin.sql") })
        try await migrator.run(all.filter { $0.name != last.name }, passwords: [:])
        try await FirstRelease.write(0, into: pool)
        if isRestored { _ = try await pool.query("UPDATE bus.outbox SET xid = '1000000000000'") }
        try await migrator.run(all, passwords: [:])
        try await migrator.adoptRestored()
        #expect(reports.contains("what was restored from a backup has been adopted") == isRestored)
        await pool.close()
    }

    @Test(
        "is gone through by a backup, too, whether it is of the first release or of this one", arguments: [true, false])
    func backup(isOfFirstRelease: Bool) async throws {
        let server = try await PostgresServer.shared()
        let all = try Migration.all(below: URL(filePath: #filePath).appending(path: "../../..").standardized)
        let original = try await server.createDatabase()
        let before = server.pool(original)
        try await Migrator(pool: before) { _ in }.run(
            isOfFirstRelease ? all.filter(self.isOfFirstRelease) : all, passwords: [:])
        try await FirstRelease.write(0, into: before)
        let counts = try await rows(before)
        await before.close()
        let pool = server.pool(try await server.restoreBackup(of: original))
        var reports: [String] = []
        let migrator = Migrator(pool: pool) { reports.append($0) }
        try await migrator.run(all, passwords: [:])
        try await migrator.adoptRestored()
        let kept = try await rows(pool)
        #expect(counts.filter { kept[$0.key] != $0.value } == [:])
        // A database that did not say where it was made cannot be told from one that was made here.
        #expect(reports.contains("what was restored from a backup has been adopted") == !isOfFirstRelease)
        try await FirstRelease.write(1, into: pool)
        await pool.close()
    }

    private func isOfFirstRelease(_ migration: Migration) -> Bool { migration.name.contains("/001_") }

    private func rows(_ pool: PostgresPool) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for relation in try await Catalogue(database: pool).relations()
        where !relation.isView && relation.schema != "migrator" {
            let counted = try await pool.query(Statement("SELECT count(*) AS count FROM \(relation.fullName)"))
            counts[relation.fullName] = try counted[0].int("count")
        }
        return counts
    }

    private func columns(_ pool: PostgresPool) async throws -> [String] {
        try await Catalogue(database: pool).names(
            """
            SELECT concat_ws(' ', table_schema, table_name, column_name, data_type, is_nullable, column_default) AS name
            FROM information_schema.columns WHERE table_schema !~ '^pg_' AND table_schema <> 'information_schema'
            ORDER BY 1
            """)
    }
}

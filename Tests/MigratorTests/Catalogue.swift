import EventLoop
import Postgres
import TestSupport

/// What a migrated database says about its own objects and about who may do what to them.
@Loop struct Catalogue {
    struct Relation: Hashable {
        let schema: String
        let name: String
        let isView: Bool
        var fullName: String { "\(schema).\(name)" }
    }

    let database: PostgresPool

    private static var opened: Task<Catalogue, any Error>?

    /// Of one database for all tests: they look, and leave nothing.
    static func shared() async throws -> Catalogue {
        if let opened { return try await opened.value }
        let task = Task { @Loop in
            let server = try await PostgresServer.shared()
            return Catalogue(database: server.pool(try await server.createMigratedDatabase()))
        }
        opened = task
        return try await task.value
    }

    func schemas() async throws -> [String] { try await names("SELECT nspname AS name FROM pg_namespace ORDER BY 1") }

    func relations() async throws -> [Relation] {
        try await database.query(Self.relations).map { row in
            Relation(
                schema: try row.string("schema"), name: try row.string("name"), isView: try row.bool("is_view"))
        }
    }

    /// What a role may do, by relation; a right to some columns only is followed by them.
    func privileges(of role: String) async throws -> [String: Set<String>] {
        try await database.query(Self.privileges, [role]).reduce(into: [:]) { privileges, row in
            privileges[try row.string("relation"), default: []].insert(try row.string("privilege"))
        }
    }

    func names(_ query: Statement, _ values: [(any PostgresValue)?] = []) async throws -> [String] {
        try await database.query(query, values).map { try $0.string("name") }
    }

    private static let relations: Statement = """
        SELECT n.nspname AS schema, c.relname AS name, c.relkind IN ('v', 'm') AS is_view
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        ORDER BY 1, 2
        """

    private static let privileges: Statement = """
        WITH relation AS (
            SELECT c.oid, n.nspname || '.' || c.relname AS name
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
        SELECT r.name AS relation, p.privilege
        FROM relation r,
            unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p (privilege)
        WHERE has_table_privilege($1::text, r.oid, p.privilege)
        UNION ALL
        SELECT r.name, p.privilege || ' (' || string_agg(a.attname, ', ' ORDER BY a.attnum) || ')'
        FROM relation r
        JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped,
            unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p (privilege)
        WHERE NOT has_table_privilege($1::text, r.oid, p.privilege)
            AND has_column_privilege($1::text, r.oid, a.attnum, p.privilege)
        GROUP BY r.name, p.privilege
        """
}

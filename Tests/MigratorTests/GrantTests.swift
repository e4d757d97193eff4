import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("The role of a service") @Loop struct GrantTests {
    /// Every service writes events and may read them; some consume them from a place of their own, and give up on some.
    nonisolated private static func events(of role: Role) -> [String: Set<String>] {
        let written = "INSERT (event_id, org_id, type, request_id, created_at, data)"
        var events: [String: Set<String>] = ["bus.outbox": ["SELECT", written]]
        if ["ebon_alerts", "ebon_mailer"].contains(role.name) {
            events["bus.cursor"] = ["SELECT", "INSERT", "UPDATE"]
            events["bus.parked"] = ["SELECT", "INSERT"]
        }
        return events
    }
    /// What is written once; a receipt may still learn by which command it was printed.
    nonisolated private static let journals: [String: Set<String>] = [
        "org.audit": ["SELECT", "INSERT"], "billing.stripe_events": ["SELECT", "INSERT"],
        "dispatch.reports": ["SELECT", "INSERT"], "dispatch.receipts": ["SELECT", "INSERT", "UPDATE (command_id)"],
    ]
    /// Called where its caller's right to call it counts: by every service for its events, and by a published view.
    nonisolated private static let called = ["bus.expire": Set(Role.all.map(\.name)), "billing.grace": ["ebon_org"]]

    @Test("writes the tables of its schema, reads its views and the published ones, and no more", arguments: Role.all)
    func relations(_ role: Role) async throws {
        let published = try Publications.all()
        let catalogue = try await Catalogue.shared()
        let privileges = try await catalogue.privileges(of: role.name)
        for relation in try await catalogue.relations() {
            let name = relation.fullName
            let granted = privileges[name] ?? []
            switch (relation.schema == role.schema, relation.isView) {
            case (true, true): #expect(granted == ["SELECT"], "\(name)")
            case (true, false):
                #expect(granted == Self.journals[name] ?? ["SELECT", "INSERT", "UPDATE", "DELETE"], "\(name)")
            case (false, true): #expect(granted.isSubset(of: published.contains(name) ? ["SELECT"] : []), "\(name)")
            case (false, false): #expect(granted == Self.events(of: role)[name] ?? [], "\(name)")
            }
        }
    }

    @Test("calls the functions of its schema and the published ones", arguments: Role.all)
    func functions(_ role: Role) async throws {
        let published = try Publications.all()
        let catalogue = try await Catalogue.shared()
        let foreign = try await catalogue.names(Self.functions, [role.name, role.schema])
        let allowed = Self.called.filter { $0.value.contains(role.name) }.keys
        #expect(Set(foreign).subtracting(published).subtracting(allowed) == [])
    }

    @Test("counts with the sequences of its schema only", arguments: Role.all)
    func sequences(_ role: Role) async throws {
        let catalogue = try await Catalogue.shared()
        #expect(try await catalogue.names(Self.sequences, [role.name, role.schema]) == [])
    }

    @Test("owns nothing, belongs to no other role and is above nothing", arguments: Role.all)
    func ownership(_ role: Role) async throws {
        let catalogue = try await Catalogue.shared()
        #expect(try await catalogue.names(Self.owned, [role.name]) == [])
        #expect(try await catalogue.names(Self.memberships, [role.name]) == [])
        #expect(try await catalogue.names(Self.powers, [role.name]) == [])
    }

    @Test("makes nothing, in no schema", arguments: Role.all)
    func creation(_ role: Role) async throws {
        let catalogue = try await Catalogue.shared()
        #expect(try await catalogue.names(Self.creatable, [role.name]) == [])
        let schemas = try await catalogue.schemas().filter { !$0.hasPrefix("pg_t") }
        let statements =
            schemas.map { Statement("CREATE TABLE \($0).mine ()") } + [
                "CREATE SCHEMA mine", "CREATE ROLE mine", "CREATE EXTENSION pg_stat_statements",
                Statement("ALTER ROLE \(role.name) SUPERUSER"), "SELECT pg_read_file('PG_VERSION')",
            ]
        for statement in statements {
            await #expect("\(statement.text)") {
                try await catalogue.database.transaction { transaction in
                    _ = try await transaction.query(Statement("SET LOCAL ROLE \(role.name)"))
                    _ = try await transaction.query(statement)
                }
            } throws: { error in
                guard case .server(code: "42501", _)? = error as? PostgresError else { return false }
                return true
            }
        }
    }

    @Test("is granted of other schemas, taken together with the others', exactly what the README calls published")
    func publications() async throws {
        let catalogue = try await Catalogue.shared()
        var granted: Set<String> = []
        let views = Set(try await catalogue.relations().filter(\.isView).map(\.fullName))
        for role in Role.all {
            let foreign = try await catalogue.privileges(of: role.name).keys.filter {
                !$0.hasPrefix("\(role.schema).")
            }
            granted.formUnion(views.intersection(foreign))
            granted.formUnion(try await catalogue.names(Self.functions, [role.name, role.schema]))
        }
        #expect(granted.subtracting(Self.called.keys) == (try Publications.all()))
    }

    @Test("finds no stranger's table behind a function that runs with its owner's rights")
    func definers() async throws {
        #expect(try await Catalogue.shared().names(Self.openDefiners) == [])
    }

    private static let functions: Statement = """
        SELECT DISTINCT n.nspname || '.' || p.proname AS name
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname <> $2
            AND has_function_privilege($1::text, p.oid, 'EXECUTE')
        """

    private static let sequences: Statement = """
        SELECT n.nspname || '.' || c.relname AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname <> $2
            AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege($1::text, c.oid, 'SELECT, USAGE, UPDATE') END
        """

    private static let owned: Statement = """
        SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS name FROM pg_shdepend d
        WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = $1::text::regrole AND d.deptype = 'o'
            AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        """

    private static let memberships: Statement =
        "SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member = $1::text::regrole"

    private static let powers: Statement = """
        SELECT power.name FROM pg_roles,
            LATERAL (VALUES ('superuser', rolsuper), ('creates roles', rolcreaterole), ('creates databases', rolcreatedb),
                ('replicates', rolreplication), ('sees every row', rolbypassrls)) power (name, has)
        WHERE rolname = $1 AND power.has
        """

    private static let creatable: Statement = """
        SELECT nspname AS name FROM pg_namespace WHERE has_schema_privilege($1::text, oid, 'CREATE')
        UNION ALL
        SELECT datname FROM pg_database
        WHERE datname = current_database() AND has_database_privilege($1::text, oid, 'CREATE')
        """

    /// Without a search path of its own such a function finds what its caller has put in the way.
    private static let openDefiners: Statement = """
        SELECT p.oid::regprocedure::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND NOT coalesce(p.proconfig::text ~ 'search_path=\\w+, pg_temp', false)
        """
}

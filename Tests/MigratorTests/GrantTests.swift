import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Migrator

/// What each role may do is read from the catalogue, whatever tables there are: a grant that is not named here fails.
@Suite("A service's role in the database") @Loop struct GrantTests {
    private static let consumers = ["ebon_alerts", "ebon_mailer"]

    /// What others than the owner of a schema may do to its tables.
    private static let foreignWrites = Set(
        Role.all.map { "\($0.name) INSERT bus.outbox" }
            + consumers.flatMap { ["\($0) INSERT bus.cursor", "\($0) UPDATE bus.cursor", "\($0) INSERT bus.parked"] })

    /// What others than the owner of a schema may read: views that it publishes, and the outbox.
    private static let foreignReads = Set(
        Role.all.map { "\($0.name) bus.outbox" } + consumers.flatMap { ["\($0) bus.cursor", "\($0) bus.parked"] }
            + published.flatMap { view, readers in readers.map { "ebon_\($0) \(view)" } })

    private static let published: [String: [String]] = [
        "org.device_directory": ["gateway", "dispatch", "alerts", "mailer"],
        "org.organization_names": ["billing", "alerts", "mailer"],
        "org.notification_recipients": ["mailer"],
        "org.live_credentials": ["gateway"],
        "gateway.device_state": ["org", "dispatch", "alerts", "mailer"],
        "dispatch.last_z_report": ["alerts", "mailer"],
        "dispatch.issued_receipts": ["mailer"],
        "billing.organization_plan": ["org"],
    ]

    /// Functions that act with their owner's rights, and who may call them.
    private static let lentRights = Set(
        Role.all.map { "\($0.name) bus.expire" } + ["ebon_billing org.record_change"])

    @Test("writes the tables of its own schema, and of the others only what all share")
    func writes() async throws {
        let granted = try await rows(
            """
            SELECT role.rolname || ' ' || privilege || ' ' || relation.oid::regclass
            FROM \(Self.relations), unnest(ARRAY['INSERT', 'UPDATE', 'REFERENCES']) AS privilege
            WHERE has_any_column_privilege(role.oid, relation.oid, privilege)
            UNION
            SELECT role.rolname || ' ' || privilege || ' ' || relation.oid::regclass
            FROM \(Self.relations), unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS privilege
            WHERE has_table_privilege(role.oid, relation.oid, privilege)
            """)
        #expect(granted == Self.foreignWrites)
    }

    @Test("reads its own schema, and of the others what they publish to it")
    func reads() async throws {
        let granted = try await rows(
            """
            SELECT role.rolname || ' ' || relation.oid::regclass FROM \(Self.relations)
            WHERE has_any_column_privilege(role.oid, relation.oid, 'SELECT')
            """)
        #expect(granted == Self.foreignReads)
    }

    @Test("can change what it has written, but not what is written once")
    func journal() async throws {
        let granted = try await rows(
            """
            SELECT relation.oid::regclass || ' ' || privilege
            FROM pg_roles AS role, pg_class AS relation, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
            WHERE role.rolname IN ('ebon_dispatch', 'ebon_billing')
                AND relation.oid = ANY (ARRAY[
                    'dispatch.receipts', 'dispatch.reports', 'billing.stripe_events']::regclass[])
                AND has_table_privilege(role.oid, relation.oid, privilege)
            """)
        #expect(granted.isEmpty)
    }

    @Test("borrows the rights of others for what is declared, and has no more of its own than to log in")
    func rights() async throws {
        let lent = try await rows(
            """
            SELECT role.rolname || ' ' || function.oid::regproc
            FROM pg_roles AS role CROSS JOIN pg_proc AS function
                JOIN pg_namespace AS schema ON schema.oid = function.pronamespace
            WHERE role.rolname LIKE 'ebon\\_%' AND function.prosecdef AND schema.nspname NOT LIKE 'pg\\_%'
                AND has_schema_privilege(role.oid, schema.oid, 'USAGE')
                AND has_function_privilege(role.oid, function.oid, 'EXECUTE')
            """)
        #expect(lent == Self.lentRights)
        let excesses = try await rows(
            """
            SELECT rolname || ' is more than a user' FROM pg_roles
            WHERE rolname LIKE 'ebon\\_%' AND (
                rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls OR NOT rolcanlogin)
            UNION
            SELECT role.rolname || ' creates in ' || schema.nspname FROM pg_roles AS role, pg_namespace AS schema
            WHERE role.rolname LIKE 'ebon\\_%' AND has_schema_privilege(role.oid, schema.oid, 'CREATE')
            UNION
            SELECT role.rolname || ' creates schemas' FROM pg_roles AS role
            WHERE role.rolname LIKE 'ebon\\_%' AND has_database_privilege(role.oid, current_database(), 'CREATE')
            UNION
            SELECT role.rolname || ' owns ' || relation.oid::regclass
            FROM pg_class AS relation JOIN pg_roles AS role ON role.oid = relation.relowner AND role.rolname LIKE 'ebon\\_%'
            UNION
            SELECT member::regrole || ' is a member of ' || roleid::regrole
            FROM pg_auth_members JOIN pg_roles AS role ON role.oid = member AND role.rolname LIKE 'ebon\\_%'
            """)
        #expect(excesses.isEmpty)
    }

    /// Every pair of a role and a table, view or sequence of a schema that is not its own.
    private static let relations = """
        pg_roles AS role CROSS JOIN pg_class AS relation JOIN pg_namespace AS schema ON schema.oid = relation.relnamespace
            AND schema.nspname NOT LIKE 'pg\\_%' AND schema.nspname <> 'information_schema'
            AND relation.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND role.rolname LIKE 'ebon\\_%' AND role.rolname <> 'ebon_' || schema.nspname
        """

    private func rows(_ statement: String) async throws -> Set<String> {
        let server = try await PostgresServer.shared()
        let pool = server.pool(try await server.createMigratedDatabase())
        let rows = try await pool.query(Statement("SELECT * FROM (\(statement)) AS found (line)"))
        let lines = try Set(rows.map { try $0.string("line") })
        await pool.close()
        return lines
    }
}

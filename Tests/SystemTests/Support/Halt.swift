import EventLoop
import Postgres
import TestSupport

/// Stops whoever is about to take a step of announcing an alert, in the midst of its transaction, until it is let go on.
@Loop struct Halt {
    /// The steps, in their order; the last is the commit itself.
    enum Step: Int, CaseIterable {
        case lock, withdraw, remember, event, cursor, commit

        /// What must happen to an alert for the step to be taken.
        var state: String? {
            switch self {
            case .withdraw: "cleared"
            case .remember: "raised"
            case .lock, .event, .cursor, .commit: nil
            }
        }

        fileprivate var trigger: String {
            switch self {
            case .lock: "TRIGGER halt BEFORE INSERT ON alerts.schedule FOR EACH ROW"
            case .withdraw: "TRIGGER halt_withdraw BEFORE DELETE ON alerts.announced FOR EACH ROW"
            case .remember: "TRIGGER halt_remember BEFORE INSERT ON alerts.announced FOR EACH ROW"
            case .event: "TRIGGER halt_event BEFORE INSERT ON bus.outbox FOR EACH ROW WHEN (NEW.type = 'device.alert')"
            case .cursor: "TRIGGER halt BEFORE UPDATE ON bus.cursor FOR EACH ROW WHEN (NEW.consumer = 'alerts')"
            case .commit:
                """
                CONSTRAINT TRIGGER halt_commit AFTER INSERT ON bus.outbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                WHEN (NEW.type = 'device.alert')
                """
            }
        }
    }

    private let stack: Stack
    private let books: Books
    /// One connection, which has the locks that others wait for.
    private let holder: PostgresPool

    /// Runs `body` with a halt on the stack's database, which is as before when `body` ends.
    static func run(_ stack: Stack, _ body: @Loop (Halt) async throws -> Void) async throws {
        var configuration = PostgresConfiguration(url: stack.variables.databaseURL, applicationName: "halt")
        configuration.connectionLimit = 1
        let halt = Halt(stack: stack, books: Books(stack), holder: PostgresPool(configuration))
        for statement in [function]
            + Step.allCases.map({ "CREATE \($0.trigger) EXECUTE FUNCTION halt('\($0.rawValue)')" })
        {
            _ = try await halt.books.database.query(Statement(statement))
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(halt)) } catch { result = .failure(error) }
        await halt.holder.close()
        _ = try await halt.books.database.query("DROP FUNCTION halt CASCADE")
        await halt.books.close()
        try result.get()
    }

    func hold(_ step: Step) async throws {
        _ = try await holder.query("SELECT pg_advisory_lock($1)", [step.rawValue])
    }

    func release(_ step: Step) async throws {
        _ = try await holder.query("SELECT pg_advisory_unlock($1)", [step.rawValue])
    }

    /// The process that has come to the step, once one has.
    func waiter(among processes: [String]) async throws -> String? {
        try await eventually {
            let rows = try await books.database.query(
                """
                SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE l.locktype = 'advisory' AND NOT l.granted
                """, [])
            guard let instance = try rows.first?.string("application_name") else { return nil }
            return processes.first { stack.log($0).contains(instance) }
        }
    }

    private static let function = """
        CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint);
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END $$
        """
}

import EventLoop
import Postgres
import TestSupport

/// Stops whoever is about to take a step of announcing an alert, or of entering an event of Stripe's, in the midst of its
/// transaction, until it is let go on.
@Loop struct Halt {
    enum Step: Int, CaseIterable {
        case lock, withdraw, remember, event, cursor, commit
        case subscription, keep, plan, kept

        /// In their order; the last one is the commit itself.
        static let announcing: [Step] = [.lock, .withdraw, .remember, .event, .cursor, .commit]
        /// In their order; the last one is the commit itself.
        static let entering: [Step] = [.subscription, .keep, .plan, .kept]

        /// What must happen to an alert for the step to be taken.
        var state: String? {
            switch self {
            case .withdraw: "cleared"
            case .remember: "raised"
            default: nil
            }
        }

        private var table: String {
            switch self {
            case .lock: "alerts.schedule"
            case .withdraw, .remember: "alerts.announced"
            case .event, .commit, .plan: "bus.outbox"
            case .cursor: "bus.cursor"
            case .subscription: "billing.subscriptions"
            case .keep, .kept: "billing.stripe_events"
            }
        }

        private var occasion: String {
            switch self {
            case .lock, .remember, .subscription, .keep: "BEFORE INSERT ON \(table) FOR EACH ROW"
            case .withdraw: "BEFORE DELETE ON \(table) FOR EACH ROW"
            case .event: "BEFORE INSERT ON \(table) FOR EACH ROW WHEN (NEW.type = 'device.alert')"
            case .cursor: "BEFORE UPDATE ON \(table) FOR EACH ROW WHEN (NEW.consumer = 'alerts')"
            case .plan: "BEFORE INSERT ON \(table) FOR EACH ROW WHEN (NEW.type = 'billing.plan_changed')"
            case .commit:
                """
                AFTER INSERT ON \(table) DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.type = 'device.alert')
                """
            case .kept: "AFTER INSERT ON \(table) DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            }
        }

        fileprivate var creation: Statement {
            Statement(
                """
                CREATE \([.commit, .kept].contains(self) ? "CONSTRAINT" : "") TRIGGER halt_\(self) \(occasion)
                EXECUTE FUNCTION halt('\(rawValue)')
                """)
        }

        fileprivate var removal: Statement { Statement("DROP TRIGGER halt_\(self) ON \(table)") }
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
        _ = try await halt.books.database.query(function)
        for step in Step.allCases { _ = try await halt.books.database.query(step.creation) }
        let result: Result<Void, any Error>
        do { result = .success(try await body(halt)) } catch { result = .failure(error) }
        await halt.holder.close()
        // One table at a time: with locks of several this and an engine would wait for each other.
        for step in Step.allCases { _ = try await halt.books.database.query(step.removal) }
        _ = try await halt.books.database.query("DROP FUNCTION halt")
        await halt.books.close()
        try result.get()
    }

    func hold(_ step: Step) async throws {
        _ = try await holder.query("SELECT pg_advisory_lock($1)", [step.rawValue])
    }

    func release(_ step: Step) async throws {
        _ = try await holder.query("SELECT pg_advisory_unlock($1)", [step.rawValue])
    }

    /// Ends the sessions that wait: the database does not notice by itself that their client is gone.
    func dismiss() async throws {
        _ = try await books.database.query(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
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

    private static let function: Statement = """
        CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint);
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END $$
        """
}

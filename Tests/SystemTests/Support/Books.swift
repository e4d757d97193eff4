import EventLoop
import JSON
import Models
import Postgres
import TestSupport

/// What the database says; read as its owner, past every service.
@Loop struct Books {
    struct Entry {
        let id: String
        let device: String
        let type: String
        let status: String
        let outcome: String?
        let result: JSON?
        let error: JSON?
        let expiresAt: Timestamp
        let finishedAt: Timestamp?
        /// The receipt's number as the journal of receipts has it; nil when there is no receipt.
        let receiptNumber: String?
        let receipts: Int
        /// The types of the events that were written for it, in order.
        let events: [String]

        var isFinal: Bool { finishedAt != nil }
    }

    let database: PostgresPool

    init(_ stack: Stack) {
        database = PostgresPool(PostgresConfiguration(url: stack.variables.databaseURL, applicationName: "test"))
    }

    func close() async { await database.close() }

    /// Every command, with what it left behind.
    func commands() async throws -> [Entry] {
        try await database.query(Self.everything, []).map { row in
            Entry(
                id: try row.string("command_id"), device: try row.string("device_id"), type: try row.string("type"),
                status: try row.string("status"), outcome: try row.optional("outcome"),
                result: try row.optional("result"), error: try row.optional("error"),
                expiresAt: try row.timestamp("expires_at"), finishedAt: try row.optional("finished_at"),
                receiptNumber: try row.optional("receipt_number"), receipts: try row.int("receipts"),
                events: try row.value("events"))
        }
    }

    /// The commands that may still change, of all devices or of these.
    func open(of devices: [String]? = nil) async throws -> Set<String> {
        let rows = try await database.query(
            """
            SELECT command_id FROM dispatch.commands
            WHERE (finished_at IS NULL OR outcome = 'unknown') AND ($1::text[] IS NULL OR device_id = ANY ($1))
            """, [devices])
        return Set(try rows.map { try $0.string("command_id") })
    }

    /// The devices whose turn is held by a command that has ended.
    func stuckDevices() async throws -> [String] {
        let rows = try await database.query(Self.stuck, [])
        return try rows.map { try $0.string("device_id") }
    }

    /// The number of rows that `query` counts.
    func count(_ query: Statement, _ values: [(any PostgresValue)?] = []) async throws -> Int {
        try await database.query(query, values).first?.int("count") ?? 0
    }

    private static let everything: Statement = """
        SELECT c.command_id, c.device_id, c.type, c.status, c.outcome, c.result, c.error, c.expires_at, c.finished_at,
            (SELECT min(r.receipt_number) FROM dispatch.receipts AS r WHERE r.command_id = c.command_id)
                AS receipt_number,
            (SELECT count(*) FROM dispatch.receipts AS r WHERE r.command_id = c.command_id) AS receipts,
            ARRAY (
                SELECT o.type FROM bus.outbox AS o
                WHERE o.type LIKE 'command.%' AND o.data ->> 'commandId' = c.command_id ORDER BY o.id
            ) AS events
        FROM dispatch.commands AS c ORDER BY c.position
        """

    private static let stuck: Statement = """
        SELECT l.device_id FROM dispatch.lanes AS l JOIN dispatch.commands AS c ON c.command_id = l.command_id
        WHERE c.finished_at IS NOT NULL
        """
}

import CommandDispatcherRoutes
import EventLoop
import JSON
import Models
import Postgres

/// What the dispatcher remembers of commands. Every call is one round trip.
@Loop final class CommandStore {
    private let pool: PostgresPool

    init(pool: PostgresPool) { self.pool = pool }

    enum Insertion {
        case inserted
        /// The idempotency key has been used before.
        case repeated(Idempotency.Repetition)
        case noSuchDevice
        /// A live command needs one who drives the device.
        case noController
        /// Another one of its kind may still come out of the printer.
        case excluded
    }

    /// Stores a new command and the answer to its idempotency key, or says why not.
    func insert(_ command: NewCommand) async throws(PostgresError) -> Insertion {
        let record = command.record
        let key = command.idempotency
        var statements: [BoundStatement] = [
            (
                CommandStatements.insert,
                [
                    record.orgId, record.deviceId, record.id, record.type.rawValue, command.isExclusive,
                    record.isAwaited, record.payload, record.apiKeyId, record.requestId, record.state.createdAt,
                    record.state.expiresAt, key?.key, key?.requestSHA256, key?.status, key?.answer,
                ]
            )
        ]
        if key != nil { statements.append(Idempotency.kept(key, for: record.orgId, at: record.state.createdAt)) }
        let rows: [PostgresRows]
        do {
            rows = try await pool.atomically(statements)
        } catch .violation(constraint: "commands_exclusive", _) {
            return .excluded
        }
        if try rows[0][0].value("inserted") { return .inserted }
        let isControlled: Bool? = try rows[0][0].optional("controlled")
        if let key, let repetition = try key.repetition(in: rows[1]) {
            if case .anotherRequest = repetition, isControlled == nil { return .noSuchDevice }
            return .repeated(repetition)
        }
        guard let isControlled else { return .noSuchDevice }
        guard isControlled else { return .noController }
        throw .unexpectedValue(column: "inserted", problem: "nothing was stored for a device that is there")
    }

    /// Takes the next command of each device whose lane is free; from now on only this process delivers it.
    func claim(
        _ devices: [(id: DeviceID, session: String)], at now: Timestamp
    ) async throws(PostgresError) -> [CommandRecord] {
        let firstQuery = now + CommandState.deliverySettled
        return try records(
            await pool.query(
                CommandStatements.claim,
                [devices.map(\.id), devices.map(\.session), now, firstQuery]))
    }

    func load(_ ids: Set<CommandID>) async throws(PostgresError) -> [CommandID: CommandRecord] {
        let records = try records(await pool.query(CommandStatements.load, [Array(ids)]))
        return Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0) })
    }

    func find(_ id: CommandID, of orgId: OrgID) async throws(PostgresError) -> CommandRecord? {
        try records(await pool.query(CommandStatements.find, [id, orgId])).first
    }

    func list(_ filter: CommandFilter, of orgId: OrgID) async throws(PostgresError) -> [CommandRecord] {
        try records(
            await pool.query(
                filter.deviceId == nil ? CommandStatements.listOfOrganization : CommandStatements.listOfDevice,
                [
                    orgId, filter.deviceId, filter.status?.rawValue, filter.type?.rawValue, filter.cursor?.moment,
                    filter.cursor?.id, filter.limit + 1,
                ]))
    }

    func deviceExists(_ device: DeviceID, of orgId: OrgID) async throws(PostgresError) -> Bool {
        try await !pool.query(CommandStatements.deviceExists, [orgId, device]).isEmpty
    }

    /// Writes those changes whose command is still as it was read, and says which.
    func commit(_ changes: [CommandChange], at now: Timestamp) async throws(PostgresError) -> Set<CommandID> {
        let values: [(any PostgresValue)?] = [
            JSON.array(changes.map(\.row)), JSON.array(changes.compactMap(\.receiptRow)),
            JSON.array(changes.compactMap(\.reportRow)), JSON.array(changes.flatMap(\.eventRows)), now,
        ]
        let rows = try await retried { () throws(PostgresError) in
            try await pool.query(CommandStatements.commit, values)
        }
        var written: Set<CommandID> = []
        for row in rows { written.insert(try row.value("command_id")) }
        return written
    }

    /// Commands whose time is over and that have not ended.
    func due(at now: Timestamp, limit: Int) async throws(PostgresError) -> [CommandRecord] {
        try records(await pool.query(CommandStatements.due, [now, limit]))
    }

    /// Pending commands whose device is gone; only those of `device`, if one is named.
    func orphaned(of device: DeviceID? = nil, limit: Int) async throws(PostgresError) -> [CommandRecord] {
        guard let device else { return try records(await pool.query(CommandStatements.orphaned, [limit])) }
        return try records(await pool.query(CommandStatements.orphanedOfDevice, [limit, device]))
    }

    /// Devices with something in the queue, in the order of their ids, after `last`.
    func waitingDevices(after last: String, limit: Int) async throws(PostgresError) -> [DeviceID] {
        var devices: [DeviceID] = []
        for row in try await pool.query(CommandStatements.waitingDevices, [last, limit]) {
            devices.append(try row.value("device_id"))
        }
        return devices
    }

    /// Takes the questions that are due now: no other replica asks them in the next seconds.
    func takeQueries(at now: Timestamp, limit: Int) async throws(PostgresError) -> [DeviceID: [CommandID]] {
        var questions: [DeviceID: [CommandID]] = [:]
        for row in try await pool.query(CommandStatements.takeQueries, [now, limit]) {
            questions[try row.value("device_id"), default: []].append(try row.value("command_id"))
        }
        return questions
    }

    /// What `device` was sent in earlier sessions and has not been heard of since.
    func unknown(
        of device: DeviceID, before session: String, limit: Int
    ) async throws(PostgresError) -> [CommandID] {
        var ids: [CommandID] = []
        for row in try await pool.query(CommandStatements.unknownBefore, [device, session, limit]) {
            ids.append(try row.value("command_id"))
        }
        return ids
    }

    /// Of all organizations: for the metrics.
    func open() async throws(PostgresError) -> [OpenCommands.State: OpenCommands] {
        var open: [OpenCommands.State: OpenCommands] = [:]
        for row in try await pool.query(CommandStatements.open) {
            guard let state = OpenCommands.State(rawValue: try row.value("state")) else { continue }
            open[state] = OpenCommands(count: try row.value("count"), oldest: try row.optional("oldest"))
        }
        return open
    }

    func record(_ refusals: [Refusal], at now: Timestamp) async throws(PostgresError) {
        _ = try await pool.atomically(
            refusals.map {
                (
                    CommandStatements.refuse,
                    [$0.statement.orgId, $0.place.device, $0.place.command, $0.reason, $0.answer, now]
                )
            })
    }

    /// How many there were, which is `limit` if there may be more.
    func forgetOldKeys(at now: Timestamp, limit: Int) async throws(PostgresError) -> Int {
        try await pool.query(CommandStatements.forgetKeys, [now, limit]).count
    }

    /// Two commits that update the lanes of the same devices in different order may meet.
    private func retried<Value>(_ body: () async throws(PostgresError) -> Value) async throws(PostgresError) -> Value {
        for _ in 1...4 {
            do {
                return try await body()
            } catch  where error.isRetryable {
                continue
            }
        }
        return try await body()
    }

    private func records(_ rows: PostgresRows) throws(PostgresError) -> [CommandRecord] {
        var records: [CommandRecord] = []
        for row in rows { records.append(try CommandRecord(row)) }
        return records
    }
}

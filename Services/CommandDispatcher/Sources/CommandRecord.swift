import JSON
import Models
import Postgres
import ServiceRuntime

/// A command as the database has it: what was ordered, and how far it got.
struct CommandRecord {
    let id: CommandID
    let orgId: OrgID
    let deviceId: DeviceID
    let type: CommandType
    let payload: JSON
    let apiKeyId: APIKeyID?
    let requestId: String
    /// A live route waits for it.
    let isAwaited: Bool
    var updatedAt: Timestamp
    /// Names this very state of the row; whoever writes it back names it.
    let version: Int
    var state: CommandState
}

extension CommandRecord {
    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.value("command_id")
        orgId = try row.value("org_id")
        deviceId = try row.value("device_id")
        type = CommandType(rawValue: try row.value("type"))
        payload = try row.value("payload")
        apiKeyId = try row.optional("api_key_id")
        requestId = try row.value("request_id")
        isAwaited = try row.value("awaited")
        updatedAt = try row.value("updated_at")
        version = try row.value("version")
        guard let status = CommandStatus(rawValue: try row.value("status")) else {
            throw .unexpectedValue(column: "status", problem: "not a status")
        }
        let outcome: String? = try row.optional("outcome")
        let error: JSON? = try row.optional("error")
        state = CommandState(
            status: status, outcome: outcome.flatMap(CommandOutcome.init(rawValue:)),
            result: try row.optional("result"), error: error.flatMap { try? $0.decode(CommandError.self) },
            attempts: try row.value("attempts"), session: try row.optional("session"),
            createdAt: try row.value("created_at"), expiresAt: try row.value("expires_at"),
            sentAt: try row.optional("sent_at"),
            finishedAt: try row.optional("finished_at"), resolvedAt: try row.optional("resolved_at"))
    }
}

extension CommandRecord {
    func log(_ message: String) {
        Log.info(
            message,
            [
                "command": id.rawValue, "device": deviceId.rawValue, "orgId": orgId.rawValue, "type": type.rawValue,
                "status": state.status.rawValue, "outcome": state.outcome?.rawValue ?? "", "attempts": state.attempts,
            ], requestId: requestId)
    }

    var view: Command {
        Command(
            id: id, deviceId: deviceId, type: type, payload: payload, orgId: orgId, status: state.status,
            apiKeyId: apiKeyId, result: state.result, error: state.error, outcome: state.outcome,
            attempts: state.attempts, createdAt: state.createdAt, sentAt: state.sentAt, finishedAt: state.finishedAt,
            resolvedAt: state.resolvedAt, updatedAt: updatedAt)
    }
}

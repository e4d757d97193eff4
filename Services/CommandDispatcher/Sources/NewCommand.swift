import Crypto
import JSON
import Models

/// A command on its way into the database.
struct NewCommand {
    let record: CommandRecord
    /// At most one of its kind may be open for a device.
    let isExclusive: Bool
    var idempotency: Idempotency?

    /// - Parameters:
    ///   - isAwaited: a live route waits for it, and it needs one who drives the device.
    ///   - timeLimit: instead of the definition's.
    init(
        _ definition: CommandDefinition, payload: JSON?, deviceId: DeviceID, caller: Caller, requestId: String,
        isAwaited: Bool, timeLimit: Duration?, at now: Timestamp
    ) {
        isExclusive = definition.isExclusive
        record = CommandRecord(
            id: CommandID(Random.identifier(prefix: "cmd")), orgId: caller.orgId, deviceId: deviceId,
            type: definition.type, payload: payload ?? [:], apiKeyId: caller.apiKeyId, requestId: requestId,
            isAwaited: isAwaited, updatedAt: now, version: 0,
            state: CommandState(createdAt: now, expiresAt: now + (timeLimit ?? definition.timeLimit)))
    }
}

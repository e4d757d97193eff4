import Bus
import CommandDispatcherRoutes
import Endpoints
import EventLoop
import JSON
import Models
import ServiceRuntime

/// Routes that wait for the register's answer.
@Loop struct LiveRoutes {
    let store: CommandStore
    let ledger: CommandLedger
    let deliverer: Deliverer
    let waiters: Waiters
    let presence: Presence
    /// How long a client waits.
    let patience: Duration
    let timeLimit: Duration?

    func mount(on bus: Bus) {
        bus.mount(CommandDispatcherRoutes.cashBalance) { call in
            var answer = try await ask(.getCashAmount, call, missing: "cash data")
            if answer["currency"] == nil { answer["currency"] = "RON" }
            return .object(answer)
        }
    }

    /// Orders the command, waits, and returns the device's data beside `deviceId` and `timestamp`.
    private func ask<Input>(
        _ definition: CommandDefinition, _ call: Call<Input>, payload: JSON? = nil, missing: String
    ) async throws -> JSONObject {
        let device = DeviceID(call.path("deviceId"))
        guard try await presence.holders(of: [device])[device] != nil else {
            throw try await store.deviceExists(device, of: call.orgId) ? APIError.offline : APIError.noSuchDevice
        }
        let command = NewCommand(
            definition, payload: payload, deviceId: device, caller: call.caller, requestId: call.requestId,
            isAwaited: true, timeLimit: timeLimit, at: .now())
        // Before the command exists, so that no end of it is missed.
        let id = command.record.id
        let end = waiters.expect(id, until: min(call.request.deadline, Loop.now + patience))
        defer { waiters.forget(id) }
        switch try await store.insert(command) {
        case .inserted: deliverer.serve(device)
        case .noSuchDevice: throw APIError.noSuchDevice
        case .noController, .excluded, .replayed, .keyUsedOtherwise:
            throw APIError.unavailable("The device has no controller")
        }
        let record = if let ended = try? await end.value() { ended } else { try await lastWord(on: id) }
        return try answer(record, definition, missing: missing)
    }

    /// The end that a command has come to in the last moment. What never left the queue is withdrawn: nobody waits for it
    /// any more.
    private func lastWord(on id: CommandID) async throws -> CommandRecord {
        switch try await ledger.apply([.init(id: id, event: .cancelled)])[0] {
        case .applied: throw APIError.unavailable("The device is busy", retryAfter: 5)
        case .unchanged(let record) where record.state.finishedAt != nil: return record
        case .unchanged, .refused: throw APIError.commandTimeout(commandId: id.rawValue)
        }
    }

    private func answer(
        _ record: CommandRecord, _ definition: CommandDefinition, missing: String
    ) throws(APIError) -> JSONObject {
        switch (record.state.status, record.state.result, record.state.error) {
        case (.completed, let data?, _):
            guard var answer = data.object, definition.result.violations(of: data, at: "data").isEmpty else {
                throw APIError(.internalError, "The device did not return \(missing)")
            }
            answer["deviceId"] = .string(record.deviceId.rawValue)
            answer["timestamp"] = .string(record.updatedAt.description)
            return answer
        case (.failed, _, let error?):
            throw APIError.deviceError(code: error.code, message: error.message, retryable: error.retryable)
        case (.timeout, _, _): throw APIError.commandTimeout(commandId: record.id.rawValue)
        default: throw APIError.unavailable("The command was withdrawn")
        }
    }
}

extension APIError {
    fileprivate static let offline = APIError.unavailable("The device is offline")
}

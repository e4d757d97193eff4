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
    /// How long a client waits.
    let patience: Duration
    let timeLimit: Duration?

    func mount(on bus: Bus) {
        for route in CommandDispatcherRoutes.live {
            bus.mount(route.endpoint) { call in try await answer(route, call) }
        }
    }

    private func answer(_ route: LiveRoute, _ call: Call<JSON>) async throws -> JSON {
        let device = DeviceID(call.path("deviceId"))
        let input = try await call.input(unless: {
            try await store.deviceExists(device, of: call.orgId) ? nil : .noSuchDevice
        })
        let command = NewCommand(
            route.command, payload: route.payload(from: input, at: .now()), deviceId: device, caller: call.caller,
            requestId: call.requestId, isAwaited: true, timeLimit: timeLimit, at: .now())
        let record = try await outcome(of: command, until: min(call.request.deadline, Loop.now + patience))
        switch record.state.status {
        case .completed: return try route.answer(to: record)
        case .failed:
            guard let error = record.state.error else { throw APIError.unexpected }
            throw APIError.deviceError(code: error.code, message: error.message, retryable: error.retryable)
        case .timeout: throw APIError.commandTimeout(commandId: record.id.rawValue)
        case .pending, .sent, .cancelled: throw APIError.unavailable("The command was withdrawn")
        }
    }

    /// Orders the command if it can be delivered at once, and waits for its end.
    private func outcome(of command: NewCommand, until deadline: LoopInstant) async throws -> CommandRecord {
        let (id, device) = (command.record.id, command.record.deviceId)
        guard try await deliverer.holders(of: [device])[device] != nil else {
            throw try await store.deviceExists(device, of: command.record.orgId)
                ? APIError.deviceOffline : .noSuchDevice
        }
        // Before the command exists, so that no end of it is missed.
        let end = waiters.expect(id, until: deadline)
        defer { waiters.forget(id) }
        switch try await insert(command) {
        case .inserted: deliverer.serve(device)
        case .noSuchDevice: throw APIError.noSuchDevice
        case .noController, .excluded, .repeated:
            throw APIError.deviceHasNoController
        }
        if let ended = try? await end.value() { return ended }
        return try await lastWord(on: id)
    }

    private func insert(_ command: NewCommand) async throws -> CommandStore.Insertion {
        do {
            return try await store.insert(command)
        } catch .outcomeUnknown {
            throw APIError.commandTimeout(commandId: command.record.id.rawValue)
        }
    }

    /// The end that a command has come to in the last moment. What never left the queue is withdrawn: nobody waits for it
    /// any more. Without the database nobody can tell the two apart.
    private func lastWord(on id: CommandID) async throws(APIError) -> CommandRecord {
        switch try? await ledger.apply([.init(id: id, event: .cancelled)])[0] {
        case .applied: throw .deviceBusy
        case .unchanged(let record) where record.state.finishedAt != nil: return record
        case .unchanged, .refused, nil: throw .commandTimeout(commandId: id.rawValue)
        }
    }
}

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
        var end = waiters.expect(id, until: deadline)
        defer { waiters.forget(id) }
        switch try await insert(command) {
        case .inserted: deliverer.serve(device)
        case .noSuchDevice: throw APIError.noSuchDevice
        case .noController, .excluded, .repeated:
            throw APIError.deviceHasNoController
        }
        while true {
            do throws(Waiters.Disappointment) {
                return try await end.value()
            } catch .notDelivered {
                end = waiters.expect(id, until: deadline)
                if let ended = try await withdraw(id, saying: .deviceOffline) { return ended }
                // It has gone out on the device's next socket meanwhile.
            } catch .tooLate {
                // Without the database nobody can tell whether it has ended.
                guard let ended = try await withdraw(id, saying: .deviceBusy) else {
                    throw APIError.commandTimeout(commandId: id.rawValue)
                }
                return ended
            }
        }
    }

    private func insert(_ command: NewCommand) async throws -> CommandStore.Insertion {
        do {
            return try await store.insert(command)
        } catch .outcomeUnknown {
            throw APIError.commandTimeout(commandId: command.record.id.rawValue)
        }
    }

    /// Withdraws what is in the queue: nobody waits for it any more. Returns the end that it has come to instead, nil
    /// while it is on its way.
    private func withdraw(_ id: CommandID, saying refusal: APIError) async throws(APIError) -> CommandRecord? {
        switch try? await ledger.apply([.init(id: id, event: .cancelled)])[0] {
        case .applied: throw refusal
        case .unchanged(let record) where record.state.finishedAt != nil: return record
        case .unchanged, .refused, nil: return nil
        }
    }
}

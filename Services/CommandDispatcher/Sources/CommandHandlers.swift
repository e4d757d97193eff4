import Bus
import CommandDispatcherRoutes
import Endpoints
import EventLoop
import JSON
import Models

/// The queue, as clients see it.
@Loop struct CommandHandlers {
    let store: CommandStore
    let ledger: CommandLedger
    let deliverer: Deliverer
    let timeLimit: Duration?

    func mount(on bus: Bus) {
        bus.mount(CommandDispatcherRoutes.submitToDevice, replying: submitToDevice)
        bus.mount(CommandDispatcherRoutes.submit, replying: submit)
        bus.mount(CommandDispatcherRoutes.listCommands, list)
        bus.mount(CommandDispatcherRoutes.command, get)
        bus.mount(CommandDispatcherRoutes.cancelCommand, cancel)
    }

    private func submitToDevice(_ call: Call<CommandSubmission>) async throws -> BusReply {
        let device = DeviceID(call.path("deviceId"))
        return try await submit(call, for: device, try await input(of: call, ifExists: device))
    }

    private func submit(_ call: Call<CommandSubmission>) async throws -> BusReply {
        let submission = try await input(of: call, ifExists: call.deviceInBody)
        guard let device = submission.deviceId else {
            throw APIError.validation("body.deviceId", "deviceId is required")
        }
        return try await submit(call, for: device, submission)
    }

    /// A valid request learns of existence when it is stored, in the same round trip.
    private func input(of call: Call<CommandSubmission>, ifExists device: DeviceID?) async throws -> CommandSubmission {
        try await call.input(unless: {
            let type = call.sentBody?["type"]?.string
            if let type { try checkScopes(of: CommandType(rawValue: type), call.caller) }
            try await checkExistence(of: device, call.orgId)
            return nil
        })
    }

    private func checkScopes(of type: CommandType, _ caller: Caller) throws(APIError) {
        for scope in CommandCatalogue[type]?.additionalScopes ?? [] where !caller.holds(scope) {
            throw APIError.alsoTakes(scope, type)
        }
    }

    private func checkExistence(of device: DeviceID?, _ orgId: OrgID) async throws {
        if let device, try await !store.deviceExists(device, of: orgId) { throw APIError.noSuchDevice }
    }

    private func submit(
        _ call: Call<CommandSubmission>, for device: DeviceID, _ submission: CommandSubmission
    ) async throws -> BusReply {
        guard let definition = CommandCatalogue[submission.type] else {
            throw APIError.validation("body.type", "type is unknown")
        }
        try checkScopes(of: submission.type, call.caller)
        var command = NewCommand(
            definition, payload: submission.payload, deviceId: device, caller: call.caller, requestId: call.requestId,
            isAwaited: false, timeLimit: timeLimit, at: .now())
        command.idempotency = try Idempotency(call, on: device)?.answered(command.record.view)
        switch try await store.insert(command) {
        case .inserted:
            deliverer.serve(device)
            return try BusReply(command.record.view, status: 201)
        case .repeated(let repetition): return try BusReply(repetition)
        case .noSuchDevice, .noController: throw APIError.noSuchDevice
        case .excluded: throw APIError.notEnded(definition.type)
        }
    }

    private func list(_ call: Call<CommandFilter>) async throws -> ListPage<Command> {
        let filter = try call.input()
        let found = try await store.list(filter, of: call.orgId)
        return try Page(found.map(\.view), limit: filter.limit).answer {
            ListCursor(moment: $0.createdAt, id: $0.id.rawValue)
        }
    }

    private func get(_ call: Call<NoInput>) async throws -> Command { try await find(call).view }

    private func cancel(_ call: Call<NoInput>) async throws -> Command {
        let record = try await find(call)
        switch try await ledger.apply([.init(id: record.id, event: .cancelled)])[0] {
        case .applied(let cancelled): return cancelled.view
        case .unchanged(let record): throw APIError.alreadyEnded(record.state.status)
        case .refused: throw APIError.noSuchCommand
        }
    }

    private func find(_ call: Call<NoInput>) async throws -> CommandRecord {
        guard let record = try await store.find(CommandID(call.path("commandId")), of: call.orgId) else {
            throw APIError.noSuchCommand
        }
        return record
    }
}

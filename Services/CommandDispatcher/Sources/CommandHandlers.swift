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
    private static let mostBytesOfAPage = 3 << 19

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
        // An unknown device comes before a wrong payload, if the body names a device at all.
        let named = (try? JSON(parsing: call.request.body))?["deviceId"]?.string.map { DeviceID($0) }
        let submission = try await input(of: call, ifExists: named)
        guard let device = submission.deviceId else {
            throw APIError.validation("body.deviceId", "deviceId is required")
        }
        return try await submit(call, for: device, submission)
    }

    /// A valid request learns of existence when it is stored, in the same round trip.
    private func input(of call: Call<CommandSubmission>, ifExists device: DeviceID?) async throws -> CommandSubmission {
        try await call.input(unless: {
            let type = (try? JSON(parsing: call.request.body))?["type"]?.string
            if let type { try checkScopes(of: CommandType(rawValue: type), call.caller) }
            try await checkExistence(of: device, call.orgId)
            return nil
        })
    }

    private func checkScopes(of type: CommandType, _ caller: Caller) throws(APIError) {
        for scope in CommandCatalogue[type]?.additionalScopes ?? [] where !caller.holds(scope) {
            throw APIError.forbidden("\(type) also takes the scope \(scope.rawValue)")
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
        if let key = call.header("idempotency-key") {
            guard Idempotency.isWellFormed(key) else {
                try await checkExistence(of: device, call.orgId)
                throw APIError.validation(
                    "headers.idempotency-key", "Idempotency-Key must be 1 to 128 characters of A-Z a-z 0-9 _ -")
            }
            command.idempotency = Idempotency(
                key: key, endpoint: "\(call.request.endpoint) \(device)", body: try JSON(encoding: submission),
                answer: try JSON(encoding: command.record.view).text)
        }
        switch try await store.insert(command) {
        case .inserted:
            deliverer.serve(device)
            return try BusReply(command.record.view, status: 201)
        case .replayed(let answer):
            return BusReply(
                status: 201, headers: ["content-type": "application/json", "idempotent-replayed": "true"],
                body: Array(answer.utf8))
        case .keyUsedOtherwise: throw APIError.unprocessable("This Idempotency-Key was used for another request")
        case .noSuchDevice, .noController: throw APIError.noSuchDevice
        case .excluded:
            throw APIError.conflict(
                "Another \(definition.type) of this device has not ended, or its outcome is unknown")
        }
    }

    private func list(_ call: Call<CommandFilter>) async throws -> CommandPage {
        let filter = try call.input()
        let cursor = try filter.cursor.map { text in
            guard let cursor = ListCursor(text) else {
                throw APIError.validation("query.cursor", "cursor is not valid")
            }
            return cursor
        }
        let records = try await store.list(filter, after: cursor, of: call.orgId)
        // A reply travels in one message of the bus: a page of long commands is a shorter one.
        var bytes = 0
        let fitting = records.prefix(filter.limit).prefix { record in
            bytes += record.payload.serialized().count + (record.state.result?.serialized().count ?? 0) + 1_000
            return bytes <= Self.mostBytesOfAPage
        }
        let page = records.prefix(max(1, fitting.count))
        let next = records.count > page.count ? page.last.map { ListCursor(after: $0).text } : nil
        return CommandPage(commands: page.map(\.view), nextCursor: next)
    }

    private func get(_ call: Call<NoInput>) async throws -> Command { try await find(call).view }

    private func cancel(_ call: Call<NoInput>) async throws -> Command {
        let record = try await find(call)
        switch try await ledger.apply([.init(id: record.id, event: .cancelled)])[0] {
        case .applied(let cancelled): return cancelled.view
        case .unchanged(let record): throw APIError.conflict("The command is \(record.state.status.rawValue) already")
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

extension APIError {
    static let noSuchCommand = APIError.notFound("Command not found")
}

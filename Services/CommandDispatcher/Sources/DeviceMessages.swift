import Bus
import Endpoints
import EventLoop
import Models

/// What gateways tell of their devices.
@Loop struct DeviceMessages {
    let intake: ResultIntake
    let inquirer: Inquirer
    let deliverer: Deliverer

    func mount(on bus: Bus) {
        bus.handle(ReportResults.self) { message, context in
            try await take(
                message.results.map { result in
                    .init(
                        deviceId: result.deviceId, orgId: result.orgId, commandId: result.commandId,
                        event: .answered(result.answer.storable, session: result.session))
                }, context)
        }
        bus.handle(JournalReport.self) { message, context in
            // By the clock that the deliveries were noted by, perhaps on another host.
            let now = bus.time
            return try await take(
                message.entries.map { entry in
                    .init(
                        deviceId: message.deviceId, orgId: message.orgId, commandId: entry.commandId,
                        event: .init(entry, session: message.session, heardAt: now))
                }, context)
        }
        bus.handle(DeviceConnected.self) { message, _ in
            try await inquirer.askAboutEarlierSessions(
                message.deviceId, session: message.session, instance: message.instance)
            deliverer.serve(message.deviceId)
            return Done()
        }
    }

    private func take(_ statements: [ResultIntake.Statement], _ context: MessageContext) async throws -> Verdicts {
        do {
            return Verdicts(try await intake.take(statements, until: context.deadline))
        } catch {
            throw APIError.unavailable("Not committed; report it again")
        }
    }
}

extension CommandState.Event {
    fileprivate init(_ entry: JournalEntry, session: String, heardAt: Timestamp) {
        self =
            switch (entry.state, entry.answer) {
            case (.executed, let answer): .foundDone((answer ?? .ok(data: [:])).storable)
            case (.running, _): .foundRunning
            case (.unknown, _): .neverArrived(session: session, heardAt: heardAt)
            }
    }
}

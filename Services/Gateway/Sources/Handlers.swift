import Bus
import Endpoints
import EventLoop
import GatewayRoutes
import Models

/// The endpoints of ``GatewayRoutes`` and the messages of the other services.
@Loop struct Handlers {
    let store: GatewayStore
    let sockets: DeviceSockets

    func mount(on bus: Bus) {
        bus.mount(
            GatewayRoutes.appInstances,
            replying: { [store] call in
                try await .rows(store.appInstances(of: call.orgId)) { try AppInstances($0) }
            })
        bus.mount(
            GatewayRoutes.deviceStatuses,
            replying: { [store] call in
                try await .rows(store.connectivity(of: call.orgId)) { try DeviceStatuses($0) }
            })
        bus.mount(GatewayRoutes.deviceStatus) { [store] call in
            let device = DeviceID(call.path("deviceId"))
            guard let connectivity = try await store.connectivity(of: device, in: call.orgId) else {
                throw APIError.noSuchDevice
            }
            return DeviceStatusReport(deviceId: device, connectivity)
        }
        bus.mount(GatewayRoutes.connectionHistory) { [store] call in
            let events = try await store.history(of: DeviceID(call.path("deviceId")), in: call.orgId)
            guard let events else { throw APIError.noSuchDevice }
            return ConnectionHistory(events: events)
        }
        bus.handle(DeliverCommand.self) { [sockets, unowned bus] command, _ in
            guard bus.time < command.deliverBefore,
                let session = sockets.session(of: command.deviceId, named: command.session), session.deliver(command)
            else { return Delivery(.notDelivered) }
            return Delivery(.written)
        }
        bus.handle(QueryJournal.self) { [sockets] question, _ in
            let session = sockets.session(of: question.deviceId, named: question.session)
            return Delivery(session?.query(question.commandIds) == true ? .written : .notDelivered)
        }
        bus.handle(EvictSession.self) { [sockets] message, _ in
            sockets.evict(message.deviceId, session: message.session)
            return Done()
        }
    }
}

import AlertsEngineRoutes
import Bus
import Endpoints
import EventLoop
import Models

/// The endpoints of ``AlertsEngineRoutes``.
@Loop struct Handlers {
    let store: DeviceStore

    func mount(on bus: Bus) {
        bus.mount(AlertsEngineRoutes.alerts) { [store] call in
            let severity = try call.input().severity
            let now = Timestamp.now()
            var found: [String: [Alert]] = [:]
            for device in try await store.devices(of: call.orgId) {
                let wanted = alerts(of: device, at: now).filter { severity == nil || $0.severity == severity }
                if severity == nil || !wanted.isEmpty { found[device.deviceId.rawValue] = wanted }
            }
            return OrganizationAlerts(alerts: found)
        }
        bus.mount(AlertsEngineRoutes.deviceAlerts) { [store] call in
            guard let device = try await store.device(DeviceID(call.path("deviceId")), of: call.orgId) else {
                throw APIError.noSuchDevice
            }
            let severity = try call.input().severity
            return DeviceAlerts(
                alerts: alerts(of: device, at: .now()).filter { severity == nil || $0.severity == severity })
        }
    }
}

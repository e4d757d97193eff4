import AlertsEngineRoutes
import Bus
import Endpoints
import EventLoop
import Models
import Postgres

/// The endpoints of ``AlertsEngineRoutes``.
@Loop struct Handlers {
    let store: DeviceStore
    var rules = AlertCatalogue.rules

    func mount(on bus: Bus) {
        bus.mount(
            AlertsEngineRoutes.alerts,
            replying: { [store, rules] call in
                let severity = try call.input().severity
                let now = Timestamp.now()
                return try await .rows(store.devices(of: call.orgId)) {
                    try organizationAlerts($0, at: now, severity: severity, rules: rules)
                }
            })
        bus.mount(AlertsEngineRoutes.deviceAlerts) { [store, rules] call in
            guard let device = try await store.device(DeviceID(call.path("deviceId")), of: call.orgId) else {
                throw APIError.noSuchDevice
            }
            let severity = try call.input().severity
            return DeviceAlerts(
                alerts: alerts(of: device, at: .now(), rules: rules).filter {
                    severity == nil || $0.severity == severity
                })
        }
    }
}

/// Asked for one severity, the devices without such alerts are left out.
private func organizationAlerts(
    _ rows: PostgresRows, at now: Timestamp, severity: AlertSeverity?, rules: [AlertRule]
) throws(PostgresError) -> OrganizationAlerts {
    var found: [String: [Alert]] = [:]
    for row in rows {
        let device = try DeviceFacts(row)
        let wanted = alerts(of: device, at: now, rules: rules).filter { severity == nil || $0.severity == severity }
        if severity == nil || !wanted.isEmpty { found[device.deviceId.rawValue] = wanted }
    }
    return OrganizationAlerts(alerts: found)
}

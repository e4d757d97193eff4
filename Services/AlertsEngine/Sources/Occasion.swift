import Bus
import JSON
import Models
import Postgres

/// A reason to look at a device again.
struct Occasion {
    let deviceId: DeviceID
    let orgId: OrgID
    var requestId: String?

    /// Nil for an event that changes nothing which the rules look at.
    init?(_ event: OutboxEvent) {
        let type = EventType(rawValue: event.type)
        guard let deviceId = event.data["deviceId"]?.string,
            Self.types.contains(type) || (Self.endings.contains(type) && Self.closesDay(event.data))
        else { return nil }
        self.deviceId = DeviceID(deviceId)
        orgId = event.orgId
        requestId = event.requestId
    }

    /// That the device's time has come.
    init(_ row: PostgresRow) throws(PostgresError) {
        deviceId = try row.value("device_id")
        orgId = try row.value("org_id")
    }

    private static let types: Set<EventType> = [
        DeviceRegistered.type, DeviceDeleted.type, DeviceFlagsReported.type, DeviceStatusChanged.type,
        AppConnected.type, AppDisconnected.type,
    ]
    private static let endings: Set<EventType> = [CommandCompleted.type, CommandResolved.type]

    private static func closesDay(_ data: JSON) -> Bool {
        guard let type = data["type"]?.string.map({ CommandType(rawValue: $0) }),
            case .report(_, closesDay: true) = CommandCatalogue[type]?.output
        else { return false }
        return true
    }
}

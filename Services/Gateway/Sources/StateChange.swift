import Crypto
import JSON
import Models

/// A device's newest state together with what was last announced of it; the difference makes the events.
struct StateChange {
    struct Announced {
        var status: DeviceStatus
        var flags: DeviceFlags
    }

    let snapshot: DeviceSnapshot
    let before: Announced?

    var row: JSON {
        let flags = snapshot.flags
        return [
            "device_id": .string(snapshot.deviceId.rawValue), "org_id": .string(snapshot.orgId.rawValue),
            "epoch": .number(snapshot.epoch), "session": .string(snapshot.session),
            "instance": .string(snapshot.instance), "connected": .bool(snapshot.connected),
            "busy": .bool(snapshot.busy), "connected_at": .string(snapshot.connectedAt.description),
            "last_seen": .string(snapshot.lastSeen.description), "app_version": .string(snapshot.app.appVersion),
            "device_model": .string(snapshot.app.deviceModel), "os_version": .string(snapshot.app.osVersion),
            "paper_end_since": .string(flags.paperEndSince?.description),
            "paper_near_end_since": .string(flags.paperNearEndSince?.description),
            "cover_open_since": .string(flags.coverOpenSince?.description),
            "fiscal_memory_almost_full_since": .string(flags.fiscalMemoryAlmostFullSince?.description),
            "fault": .string(flags.fault),
        ]
    }

    /// Written only if the state is: a superseded socket announces nothing.
    func events(at now: Timestamp) throws -> [JSON] {
        var events: [JSON] = []
        if snapshot.status != before?.status {
            let data = DeviceStatusChanged(deviceId: snapshot.deviceId, status: snapshot.status, timestamp: now)
            events.append(try eventRow(data, of: snapshot, at: now, always: false))
        }
        if snapshot.flags != before?.flags {
            let data = DeviceFlagsReported(
                deviceId: snapshot.deviceId, paperEnd: snapshot.flags.paperEndSince != nil,
                paperNearEnd: snapshot.flags.paperNearEndSince != nil,
                coverOpen: snapshot.flags.coverOpenSince != nil,
                fiscalMemoryAlmostFull: snapshot.flags.fiscalMemoryAlmostFullSince != nil,
                fault: snapshot.flags.fault, timestamp: now)
            events.append(try eventRow(data, of: snapshot, at: now, always: false))
        }
        return events
    }
}

/// A line of a device's connection history.
struct ConnectionEvent {
    struct Closure {
        let code: Int
        let reason: String
    }

    let snapshot: DeviceSnapshot
    let at: Timestamp
    let closure: Closure?

    var row: JSON {
        [
            "org_id": .string(snapshot.orgId.rawValue), "device_id": .string(snapshot.deviceId.rawValue),
            "type": closure == nil ? "connected" : "disconnected", "at": .string(at.description),
            "app_version": .string(snapshot.app.appVersion), "device_model": .string(snapshot.app.deviceModel),
            "os_version": .string(snapshot.app.osVersion), "code": closure.map { .number($0.code) } ?? .null,
            "reason": .string(closure?.reason),
        ]
    }

    func event() throws -> JSON {
        guard let closure else {
            let data = AppConnected(
                deviceId: snapshot.deviceId, appVersion: snapshot.app.appVersion,
                deviceModel: snapshot.app.deviceModel, osVersion: snapshot.app.osVersion)
            return try eventRow(data, of: snapshot, at: at, always: true)
        }
        let data = AppDisconnected(deviceId: snapshot.deviceId, code: closure.code, reason: closure.reason)
        return try eventRow(data, of: snapshot, at: at, always: true)
    }
}

private func eventRow<Data: EventData>(
    _ data: Data, of snapshot: DeviceSnapshot, at now: Timestamp, always: Bool
) throws -> JSON {
    [
        "event_id": .string(Random.identifier(prefix: "evt")), "org_id": .string(snapshot.orgId.rawValue),
        "device_id": .string(snapshot.deviceId.rawValue), "type": .string(Data.type.rawValue),
        "created_at": .string(now.description), "data": try JSON(encoding: data), "always": .bool(always),
    ]
}
